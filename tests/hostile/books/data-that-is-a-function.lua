-- SPDX-License-Identifier: MIT
-- Wants to keep a function beyond the step.
-- ends: mistake wrong-type
local honest = require "honest"
return playbook "data-that-is-a-function" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.x = { function() end } --!
		end },
	},
}
