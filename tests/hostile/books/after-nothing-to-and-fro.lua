-- SPDX-License-Identifier: MIT
-- Two states that lead to each other after no time at all.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "after-nothing-to-and-fro" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "one" } },
	state "one" { honest.work(), after "0s" { to = "two" } },
	state "two" {
		honest.work(),
		after "0s" { to = "one" },
	},
}
