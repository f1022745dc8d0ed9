-- SPDX-License-Identifier: MIT
-- An instant that is infinite.
-- ends: mistake bad-span|wrong-type|bad-answer|out-of-bounds
local honest = require "honest"
return playbook "at-infinite" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		at(function() return -math.huge end) { to = "evil" }, --!
	},
}
