-- SPDX-License-Identifier: MIT
-- A guard that loops, tried by an event.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "guard-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { to = "over", when = function() while true do end end }, --!
	},
	final "over" {},
}
