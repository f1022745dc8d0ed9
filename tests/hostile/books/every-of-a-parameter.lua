-- SPDX-License-Identifier: MIT
-- How often is said by data.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "every-of-a-parameter" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		every(function(case) return 1 end) {}, --!
	},
}
