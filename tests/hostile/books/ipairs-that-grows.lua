-- SPDX-License-Identifier: MIT
-- Adds to the list that it goes through, and never comes to its end.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "ipairs-that-grows" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = { 1 }
			for i in ipairs(t) do t[i + 1] = true end --!
		end },
	},
}
