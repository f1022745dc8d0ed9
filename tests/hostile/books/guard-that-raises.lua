-- SPDX-License-Identifier: MIT
-- A guard that raises an event.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-raises" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) case:raise "ok" return true end }, --!
	},
}
