-- SPDX-License-Identifier: MIT
-- Loops for ever, and calls something each time.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-repeat" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local n = 0
			repeat n = n + select("#", 1) until false --!
		end },
	},
}
