-- SPDX-License-Identifier: MIT
-- Fills the log.
-- ends: faulted limit-effects
local honest = require "honest"
return playbook "logs-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			while true do case:log("error", "again") end --!
		end },
	},
}
