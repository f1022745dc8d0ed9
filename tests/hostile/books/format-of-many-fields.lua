-- SPDX-License-Identifier: MIT
-- Asks for many wide fields at once.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "format-of-many-fields" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("%99.99f"):rep(600):format(1e300) --!
		end },
	},
}
