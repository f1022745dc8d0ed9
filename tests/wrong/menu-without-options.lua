-- SPDX-License-Identifier: MIT
-- A menu offers nothing.
local talk = require "aplomb.talk"
local solutions = require "aplomb.solutions"

return playbook "wrong" {
	uses = { talk },
	solutions.menu "choosing" { done = { accepted = "done", exhausted = "done" } },
	final "done" {},
}
