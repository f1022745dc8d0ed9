-- SPDX-License-Identifier: MIT
-- Has a function of the library do it.
-- ends: mistake wrong-type
local honest = require "honest"
return playbook "library-spoilt-with-a-table-function" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			table.insert(string, "spoilt") --!
		end },
	},
}
