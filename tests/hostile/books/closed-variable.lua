-- SPDX-License-Identifier: MIT
-- A variable that is to be closed by a function of its own.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "closed-variable" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local x <close> = { __close = function() while true do end end } --!
		end },
	},
}
