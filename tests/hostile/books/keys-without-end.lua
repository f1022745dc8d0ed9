-- SPDX-License-Identifier: MIT
-- Fills a table with names.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "keys-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1e6 do t["a rather long name " .. i] = i end --!
		end },
	},
}
