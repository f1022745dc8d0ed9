-- SPDX-License-Identifier: MIT
-- Jumps back for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-goto" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			::again:: goto again --!
		end },
	},
}
