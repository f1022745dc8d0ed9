-- SPDX-License-Identifier: MIT
-- Wants something done, for ever.
-- ends: faulted limit-effects
local honest = require "honest"
return playbook "effects-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			while true do case:effect("tell", { text = "again" }) end --!
		end },
	},
}
