-- SPDX-License-Identifier: MIT
-- A guard that draws a random number, which would not be drawn in a replay that asks less.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-draws" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) math.random(6) return true end }, --!
	},
}
