-- SPDX-License-Identifier: MIT
-- A guard that writes the data.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "guard-that-writes" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function(case) case.data.n = 5 return true end }, --!
	},
}
