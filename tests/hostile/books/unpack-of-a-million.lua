-- SPDX-License-Identifier: MIT
-- Puts a million values on the stack at once.
-- ends: mistake out-of-bounds
local honest = require "honest"
return playbook "unpack-of-a-million" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			table.unpack({}, 1, 1e6) --!
		end },
	},
}
