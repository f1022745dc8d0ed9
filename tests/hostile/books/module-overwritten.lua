-- SPDX-License-Identifier: MIT
-- Changes a table of the module that its honest sibling reads.
-- ends: mistake frozen-table
local honest = require "honest"
return playbook "module-overwritten" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			honest.weights.a = 1000 --!
		end },
	},
}
