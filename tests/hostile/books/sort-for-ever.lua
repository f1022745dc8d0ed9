-- SPDX-License-Identifier: MIT
-- Sorts a long list for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "sort-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1000 do t[i] = i % 37 end
			while true do table.sort(t) end --!
		end },
	},
}
