-- SPDX-License-Identifier: MIT
-- Writes its data for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "write-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			while true do case.data.l = { 1, 2, 3 } end --!
		end },
	},
}
