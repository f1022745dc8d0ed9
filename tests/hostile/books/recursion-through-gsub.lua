-- SPDX-License-Identifier: MIT
-- Comes back into Lua through a replacement, each time one C call deeper.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "recursion-through-gsub" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local function deeper(s) return (s:gsub(".", deeper)) end --!
			deeper("x")
		end },
	},
}
