-- SPDX-License-Identifier: MIT
-- It sends its own id what makes it send it again.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "send-to-its-own-name" {
	uses = { honest },
	data = honest.data(),
	event "round" {},
	event "go" {},
	state "work" {
		honest.work(),
		on { "go", "round" } { act = function(case, event)
			case:send { event = "round", to = case.id } --!
		end },
	},
}
