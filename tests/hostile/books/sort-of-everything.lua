-- SPDX-License-Identifier: MIT
-- Compares what has no order.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "sort-of-everything" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = { 1, "x", {}, true }
			table.sort(t) --!
		end },
	},
}
