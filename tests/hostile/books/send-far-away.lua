-- SPDX-License-Identifier: MIT
-- A timer beyond the end of time.
-- ends: mistake bad-span
local honest = require "honest"
return playbook "send-far-away" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:send { event = "ok", after = math.maxinteger } --!
		end },
	},
}
