-- SPDX-License-Identifier: MIT
-- An instant that is not a number.
-- ends: mistake bad-span|wrong-type|bad-answer|out-of-bounds
local honest = require "honest"
return playbook "at-no-number" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		at(function() return 0 / 0 end) { to = "evil" }, --!
	},
}
