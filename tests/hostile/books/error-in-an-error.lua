-- SPDX-License-Identifier: MIT
-- The message of the assertion is a table whose message is a table.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-in-an-error" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			assert(false, { message = { message = {} } }) --!
		end },
	},
}
