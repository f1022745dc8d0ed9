-- SPDX-License-Identifier: MIT
-- An option names another that is not there.
local talk = require "aplomb.talk"
local solutions = require "aplomb.solutions"

return playbook "wrong" {
	uses = { talk },
	data = { late = boolean { default = true } },
	solutions.menu "choosing" {
		solutions.option "again" { title = "Send it again", when = "data.late", otherwise = "vaucher" },
		solutions.option "voucher" { title = "A voucher" },
		done = { accepted = "done", exhausted = "done" },
	},
	final "done" {},
}
