-- SPDX-License-Identifier: MIT
-- Compares two long texts that differ at their ends, again and again: no function is called.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "compare-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local a, b = ("x"):rep(60000) .. "a", ("x"):rep(60000) .. "b"
			while true do local _ = a == b end --!
		end },
	},
}
