-- SPDX-License-Identifier: MIT
-- An error that would be another line's.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-of-another-place" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			error("beside.lua:1: it was not me", 0)
		end },
	},
}
