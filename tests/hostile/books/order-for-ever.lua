-- SPDX-License-Identifier: MIT
-- Asks which of two long texts comes first, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "order-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local a, b = ("x"):rep(60000) .. "a", ("x"):rep(60000) .. "b"
			while true do local _ = a < b end --!
		end },
	},
}
