-- SPDX-License-Identifier: MIT
-- Asks for a field of 99,999 columns.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "format-of-a-wide-field" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("%99999d"):format(1) --!
		end },
	},
}
