-- SPDX-License-Identifier: MIT
-- A timer that is due again at once, for ever.
-- ends: mistake bad-span
local honest = require "honest"
return playbook "span-of-nothing" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "trap" } },
	state "trap" { honest.work(), every(function() return 0 end) { act = "data.n = 1" } }, --!
}
