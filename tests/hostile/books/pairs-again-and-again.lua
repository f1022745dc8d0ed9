-- SPDX-License-Identifier: MIT
-- Begins a walk over a large table for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pairs-again-and-again" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1000 do t["k" .. i] = i end
			while true do pairs(t) end --!
		end },
	},
}
