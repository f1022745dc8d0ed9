-- SPDX-License-Identifier: MIT
-- A guard of a counter, which is asked though nobody listens to the event.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "counter-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	counter "goes" { of = "go", when = function() while true do end end }, --!
	state "work" { honest.work() },
}
