-- SPDX-License-Identifier: MIT
-- A pattern that is cut.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "pattern-that-does-not-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			("x"):find("[") --!
		end },
	},
}
