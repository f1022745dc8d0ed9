-- SPDX-License-Identifier: MIT
-- Says of any two that either comes first.
-- ends: harmless
local honest = require "honest"
return playbook "sort-comparator-that-lies" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 200 do t[i] = i end
			table.sort(t, function() return true end)
			table.sort(t, function() return false end)
			assert(#t == 200)
		end },
	},
}
