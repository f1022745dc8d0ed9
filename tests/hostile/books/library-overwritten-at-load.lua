-- SPDX-License-Identifier: MIT
-- Puts a function of its own into the library before anything runs.
-- ends: refused locked
local honest = require "honest"
string.upper = function() return "spoilt" end --!
return playbook "library-overwritten-at-load" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work() },
}
