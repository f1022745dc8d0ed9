-- SPDX-License-Identifier: MIT
-- A guard that wants something done.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-wants-effects" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) case:effect("tell", { text = "x" }) return true end }, --!
	},
}
