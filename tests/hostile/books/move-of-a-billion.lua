-- SPDX-License-Identifier: MIT
-- Moves what is not there, over a billion places.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "move-of-a-billion" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			table.move({}, 1, 1 << 40, 2, {}) --!
		end },
	},
}
