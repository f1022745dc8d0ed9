-- SPDX-License-Identifier: MIT
-- Makes tables.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "tables-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1e6 do t[i] = {} end --!
		end },
	},
}
