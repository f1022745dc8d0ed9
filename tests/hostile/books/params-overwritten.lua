-- SPDX-License-Identifier: MIT
-- Turns a knob that is not its own.
-- ends: mistake locked
local honest = require "honest"
return playbook "params-overwritten" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.params.n = 5 --!
		end },
	},
}
