-- SPDX-License-Identifier: MIT
-- An instant behind all others.
-- ends: mistake instant
local honest = require "honest"
return playbook "at-behind-all-time" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		at(function() return math.maxinteger end) { to = "evil" }, --!
	},
}
