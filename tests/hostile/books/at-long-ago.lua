-- SPDX-License-Identifier: MIT
-- An instant that has passed, again and again.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "at-long-ago" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		at(function(case) return case.opened_at end) { to = "evil" }, --!
	},
}
