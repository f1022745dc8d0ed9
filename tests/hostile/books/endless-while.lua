-- SPDX-License-Identifier: MIT
-- Loops for ever, after it has written.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-while" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.n = 99
			while true do end --!
		end },
	},
}
