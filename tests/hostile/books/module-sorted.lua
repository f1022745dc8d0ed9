-- SPDX-License-Identifier: MIT
-- Has a function of the library change the module's table.
-- ends: mistake frozen-table
local honest = require "honest"
return playbook "module-sorted" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			table.move({ 9, 9 }, 1, 2, 1, honest.weights) --!
		end },
	},
}
