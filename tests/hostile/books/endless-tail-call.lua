-- SPDX-License-Identifier: MIT
-- Calls itself where no stack is needed.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-tail-call" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local function again() return again() end --!
			again()
		end },
	},
}
