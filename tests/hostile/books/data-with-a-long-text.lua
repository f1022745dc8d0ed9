-- SPDX-License-Identifier: MIT
-- One text of many.
-- ends: faulted limit-text
local honest = require "honest"
return playbook "data-with-a-long-text" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(60000)
			case.data.said = s .. s --!
		end },
	},
}
