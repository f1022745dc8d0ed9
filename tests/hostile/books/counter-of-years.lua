-- SPDX-License-Identifier: MIT
-- Counters whose window is as long as time, asked for ever.
-- ends: faulted limit-instructions
-- times: 1600
local honest = require "honest"
return playbook "counter-of-years" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	counter "all" { of = "*", window = "100000d" },
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			if case:count "all" < 1500 then return end
			while case:count "all" > 0 do end --!
		end },
	},
}
