-- SPDX-License-Identifier: MIT
-- A delay that changes the case when it is asked how long it is.
-- ends: mistake guard-writes
local honest = require "honest"
return playbook "span-that-writes" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "trap" } },
	state "trap" { honest.work(), after(function(case) case.data.n = 1 return "1h" end) { to = "work" } }, --!
}
