-- SPDX-License-Identifier: MIT
-- Names that are tables and functions.
-- ends: mistake no-order
local honest = require "honest"
return playbook "data-with-no-order" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.x = { [{}] = 1 } --!
		end },
	},
}
