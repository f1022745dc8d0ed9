-- SPDX-License-Identifier: MIT
-- It keeps an event for later, and goes round to take it and keep it again.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "defer-and-go-round" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	event "round" {},
	state "work" { honest.work(), on "go" { to = "one", act = function(case) case:send { event = "round" } end } },
	state "one" { honest.work(), on "round" { defer = true }, after "1us" { to = "two" } },
	state "two" { honest.work(), on "round" { to = "one", act = function(case)
		case:send { event = "round" } --!
	end } },
}
