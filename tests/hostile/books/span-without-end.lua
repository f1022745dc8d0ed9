-- SPDX-License-Identifier: MIT
-- A delay whose function never says how long it is.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "span-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "trap" } },
	state "trap" { after(function() while true do end end) { to = "work" } }, --!
}
