-- SPDX-License-Identifier: MIT
-- A state that is entered anew as soon as it is there.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "after-itself" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		after "0s" { to = "evil" }, --!
	},
}
