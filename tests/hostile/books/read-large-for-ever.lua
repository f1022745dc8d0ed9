-- SPDX-License-Identifier: MIT
-- Reads a large value for ever: each time it becomes a table.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "read-large-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 2000 do t[i] = i end
			case.data.x = t
			while true do local _ = case.data.x end --!
		end },
	},
}
