-- SPDX-License-Identifier: MIT
-- Runs out of memory where C holds half a sorted list.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "memory-breach-in-a-comparator" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local keep = {}
			local t = {}
			for i = 1, 100 do t[i] = i end
			table.sort(t, function(a, b) for i = 1, 1e6 do keep[i] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 } end return a < b end) --!
		end },
	},
}
