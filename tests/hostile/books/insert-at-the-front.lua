-- SPDX-License-Identifier: MIT
-- Moves everything up, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "insert-at-the-front" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			while true do table.insert(t, 1, 1) end --!
		end },
	},
}
