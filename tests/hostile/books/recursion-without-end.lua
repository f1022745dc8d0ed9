-- SPDX-License-Identifier: MIT
-- Calls itself until the stack is full.
-- ends: faulted limit-memory|limit-stack
local honest = require "honest"
return playbook "recursion-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.n = 7
			local function deeper() return 1 + deeper() end
			deeper()
		end },
	},
}
