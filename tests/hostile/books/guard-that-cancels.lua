-- SPDX-License-Identifier: MIT
-- A guard that cancels.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-cancels" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) case:cancel "x" return true end }, --!
	},
}
