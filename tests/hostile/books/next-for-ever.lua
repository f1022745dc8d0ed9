-- SPDX-License-Identifier: MIT
-- Asks for ever whether a table is empty.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "next-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = { 1 }
			while next(t) do end --!
		end },
	},
}
