-- SPDX-License-Identifier: MIT
-- Brings in a module in the middle of a step.
-- ends: mistake outside-load
local honest = require "honest"
return playbook "require-while-running" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			require "honest" --!
		end },
	},
}
