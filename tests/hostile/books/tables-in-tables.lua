-- SPDX-License-Identifier: MIT
-- Puts each table into the next: collecting them goes deep.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "tables-in-tables" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			while true do t = { t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t } end --!
		end },
	},
}
