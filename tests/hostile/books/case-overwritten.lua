-- SPDX-License-Identifier: MIT
-- Puts a function of its own in place of the case's.
-- ends: mistake locked
local honest = require "honest"
return playbook "case-overwritten" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.effect = function() end --!
		end },
	},
}
