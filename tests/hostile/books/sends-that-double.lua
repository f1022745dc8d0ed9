-- SPDX-License-Identifier: MIT
-- Each event sends itself twice.
-- ends: faulted limit-timers
-- when: timer
local honest = require "honest"
return playbook "sends-that-double" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:send { event = "go" } case:send { event = "go" } --!
		end },
	},
}
