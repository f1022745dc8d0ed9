-- SPDX-License-Identifier: MIT
-- More captures than a pattern may have.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "pattern-of-many-captures" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			("x"):find(("()"):rep(40)) --!
		end },
	},
}
