-- SPDX-License-Identifier: MIT
-- Makes the list longer while it is being sorted.
-- ends: harmless
local honest = require "honest"
return playbook "sort-comparator-that-adds" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 100 do t[i] = i end
			table.sort(t, function(a, b) t[#t + 1] = 1 return (a or 0) < (b or 0) end)
		end },
	},
}
