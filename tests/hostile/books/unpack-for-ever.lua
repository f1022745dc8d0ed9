-- SPDX-License-Identifier: MIT
-- Puts many values on the stack, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "unpack-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 200 do t[i] = i end
			while true do select("#", table.unpack(t)) end --!
		end },
	},
}
