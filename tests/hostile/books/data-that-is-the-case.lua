-- SPDX-License-Identifier: MIT
-- Wants to keep the case beyond the step.
-- ends: mistake wrong-type
local honest = require "honest"
return playbook "data-that-is-the-case" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.x = { case } --!
		end },
	},
}
