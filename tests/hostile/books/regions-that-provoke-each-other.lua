-- SPDX-License-Identifier: MIT
-- Two regions that raise events for each other.
-- ends: faulted limit-microsteps
local honest = require "honest"
return playbook "regions-that-provoke-each-other" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	event "tick" {},
	event "tock" {},
	state "work" { honest.work(), on "go" { to = "both" } },
	parallel "both" {
		state "left" { entry(function(case) case:raise "tick" end), on "tick" { act = function(case) case:raise "tock" end } }, --!
		state "right" { on "tock" { act = function(case) case:raise "tick" end } },
	},
}
