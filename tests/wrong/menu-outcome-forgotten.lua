-- SPDX-License-Identifier: MIT
-- One of a menu's outcomes leads nowhere.
local talk = require "aplomb.talk"
local solutions = require "aplomb.solutions"

return playbook "wrong" {
	uses = { talk },
	solutions.menu "choosing" {
		solutions.option "again" { title = "Send it again" },
		done = { accepted = "done" },
	},
	final "done" {},
}
