-- SPDX-License-Identifier: MIT
-- Two states that lead to each other.
-- ends: faulted limit-microsteps
local honest = require "honest"
return playbook "ping-pong" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "ping" } },
	state "ping" { always { when = function() return true end, to = "pong" } },
	state "pong" { always { when = "data.evil", to = "ping" } },
}
