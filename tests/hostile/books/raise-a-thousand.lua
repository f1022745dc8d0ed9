-- SPDX-License-Identifier: MIT
-- Raises a thousand events at once.
-- ends: faulted limit-internal-events
local honest = require "honest"
return playbook "raise-a-thousand" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			for _ = 1, 1000 do case:raise "ok" end --!
		end },
	},
}
