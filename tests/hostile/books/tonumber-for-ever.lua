-- SPDX-License-Identifier: MIT
-- Reads a long text as a number, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "tonumber-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("1"):rep(60000)
			while true do tonumber(s, 2) end --!
		end },
	},
}
