-- SPDX-License-Identifier: MIT
-- An error that is a table with a metatable of its own.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-object" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			error({ message = ("x"):rep(5000) }) --!
		end },
	},
}
