-- SPDX-License-Identifier: MIT
-- Comes back into Lua through a comparator, each time one C call deeper.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "recursion-through-sort" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local function deeper() table.sort({ 2, 1 }, function() return deeper() end) end --!
			deeper()
		end },
	},
}
