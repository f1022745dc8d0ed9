-- SPDX-License-Identifier: MIT
-- A guard that sends.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-sends" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) case:send { event = "ok" } return true end }, --!
	},
}
