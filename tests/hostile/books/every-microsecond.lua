-- SPDX-License-Identifier: MIT
-- A timer every microsecond.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "every-microsecond" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		every "1us" {}, --!
	},
}
