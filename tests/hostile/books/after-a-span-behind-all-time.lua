-- SPDX-License-Identifier: MIT
-- A span that leads out of time.
-- ends: mistake bad-span|wrong-type|bad-answer|out-of-bounds
local honest = require "honest"
return playbook "after-a-span-behind-all-time" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		after(function() return math.maxinteger end) { to = "evil" }, --!
	},
}
