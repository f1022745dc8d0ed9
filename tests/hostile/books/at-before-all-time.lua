-- SPDX-License-Identifier: MIT
-- An instant before all others.
-- ends: mistake instant
local honest = require "honest"
return playbook "at-before-all-time" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		at(function() return math.mininteger end) { to = "evil" }, --!
	},
}
