-- SPDX-License-Identifier: MIT
-- The loop stands in a comparator.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "sort-comparator-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			table.sort({ 3, 1, 2 }, function() while true do end end) --!
		end },
	},
}
