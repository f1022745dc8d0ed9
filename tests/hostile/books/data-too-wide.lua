-- SPDX-License-Identifier: MIT
-- Puts a hundred thousand items into one value.
-- ends: faulted limit-data
local honest = require "honest"
return playbook "data-too-wide" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 15000 do t[i] = 12345 end
			case.data.x = t --!
		end },
	},
}
