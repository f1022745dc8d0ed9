-- SPDX-License-Identifier: MIT
-- Infinite, and no number at all.
-- ends: mistake wrong-type
local honest = require "honest"
return playbook "data-that-is-not-a-number" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.x = { 0 / 0 } --!
		end },
	},
}
