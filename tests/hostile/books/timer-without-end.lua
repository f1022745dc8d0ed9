-- SPDX-License-Identifier: MIT
-- Loops in the night, when a timer fires.
-- ends: faulted limit-instructions
-- when: timer
local honest = require "honest"
return playbook "timer-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { to = "trap" },
	},
	state "trap" { after "1m" { act = function() while true do end end, to = "work" } }, --!
}
