-- SPDX-License-Identifier: MIT
-- Leaves a message for other cases in a global variable.
-- ends: mistake global-assignment
local honest = require "honest"
return playbook "environment-global" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			_ENV["message"] = "for the others" --!
		end },
	},
}
