-- SPDX-License-Identifier: MIT
-- Arms timers, some at each event.
-- ends: faulted limit-timers
-- times: 4
local honest = require "honest"
return playbook "timers-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			for _ = 1, 20 do case:send { event = "ok", after = "30d" } end --!
		end },
	},
}
