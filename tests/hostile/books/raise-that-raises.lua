-- SPDX-License-Identifier: MIT
-- Raises its own event, for ever.
-- ends: faulted limit-microsteps
local honest = require "honest"
return playbook "raise-that-raises" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:raise "go"
		end },
	},
}
