-- SPDX-License-Identifier: MIT
-- Empties the list that is being sorted.
-- ends: harmless
local honest = require "honest"
return playbook "sort-comparator-that-takes-away" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 100 do t[i] = i end
			table.sort(t, function() t[#t] = nil return false end)
		end },
	},
}
