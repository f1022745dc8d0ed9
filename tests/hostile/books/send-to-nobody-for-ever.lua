-- SPDX-License-Identifier: MIT
-- It fills the runtime with events for a case that is not there.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "send-to-nobody-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "round" {},
	event "go" {},
	state "work" {
		honest.work(),
		on { "go", "round" } { act = function(case, event)
			for i = 1, 20 do case:send { event = "ok", to = "nobody-" .. i } end
			case:send { event = "round" } --!
		end },
	},
}
