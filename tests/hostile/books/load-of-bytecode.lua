-- SPDX-License-Identifier: MIT
-- Makes a function out of bytecode that no compiler wrote.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "load-of-bytecode" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			load("\27LuaT", "x", "b") --!
		end },
	},
}
