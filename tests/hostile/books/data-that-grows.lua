-- SPDX-License-Identifier: MIT
-- Adds to what it wrote at each event, until it is too much.
-- ends: faulted limit-data
-- times: 12
local honest = require "honest"
return playbook "data-that-grows" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local old = case.data.x
			case.data.x = { old or 0, ("x"):rep(9000) } --!
		end },
	},
}
