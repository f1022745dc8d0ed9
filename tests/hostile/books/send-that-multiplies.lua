-- SPDX-License-Identifier: MIT
-- Each event becomes ten, at once.
-- ends: faulted limit-own-steps|limit-timers
-- when: rounds
local honest = require "honest"
return playbook "send-that-multiplies" {
	uses = { honest },
	data = honest.data(),
	event "round" {},
	event "go" {},
	state "work" {
		honest.work(),
		on { "go", "round" } { act = function(case, event)
			for _ = 1, 10 do case:send { event = "round" } end --!
		end },
	},
}
