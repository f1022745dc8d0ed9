-- SPDX-License-Identifier: MIT
-- Counts to what is no number it could reach.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-for" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			for i = 1, math.huge do local _ = i end --!
		end },
	},
}
