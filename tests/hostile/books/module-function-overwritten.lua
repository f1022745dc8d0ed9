-- SPDX-License-Identifier: MIT
-- Puts another function into the module.
-- ends: mistake locked
local honest = require "honest"
return playbook "module-function-overwritten" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			honest.work = nil --!
		end },
	},
}
