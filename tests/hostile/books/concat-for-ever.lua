-- SPDX-License-Identifier: MIT
-- Joins a long list for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "concat-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1000 do t[i] = "x" end
			while true do table.concat(t, ", ") end --!
		end },
	},
}
