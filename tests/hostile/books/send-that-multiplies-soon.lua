-- SPDX-License-Identifier: MIT
-- Each event becomes three, a moment later.
-- ends: faulted limit-own-steps|limit-timers
-- when: rounds
local honest = require "honest"
return playbook "send-that-multiplies-soon" {
	uses = { honest },
	data = honest.data(),
	event "round" {},
	event "go" {},
	state "work" {
		honest.work(),
		on { "go", "round" } { act = function(case, event)
			for _ = 1, 3 do case:send { event = "round", after = "1us" } end --!
		end },
	},
}
