-- SPDX-License-Identifier: MIT
-- Copies a long text, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "upper-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(60000)
			while true do s:upper() end --!
		end },
	},
}
