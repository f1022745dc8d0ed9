-- SPDX-License-Identifier: MIT
-- An error whose message would fill the journal.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-of-a-megabyte" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			error(("x"):rep(60000)) --!
		end },
	},
}
