-- SPDX-License-Identifier: MIT
-- The names are what is long.
-- ends: faulted limit-data
local honest = require "honest"
return playbook "data-with-long-names" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.x = { [("k"):rep(60000)] = 1, [("l"):rep(60000)] = 2 } --!
		end },
	},
}
