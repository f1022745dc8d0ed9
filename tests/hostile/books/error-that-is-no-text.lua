-- SPDX-License-Identifier: MIT
-- An error that is a function.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-that-is-no-text" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			error(function() end) --!
		end },
	},
}
