-- SPDX-License-Identifier: MIT
-- Captures in captures.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "pattern-deep-inside" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			("x"):find(("("):rep(100) .. (")"):rep(100)) --!
		end },
	},
}
