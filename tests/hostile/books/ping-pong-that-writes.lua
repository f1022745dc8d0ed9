-- SPDX-License-Identifier: MIT
-- The same, and each time the data grow.
-- ends: faulted limit-microsteps
local honest = require "honest"
return playbook "ping-pong-that-writes" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "ping" } },
	state "ping" { always { act = function(case) case.data.x = { case.data.n, ("x"):rep(1000) } case.data.n = case.data.n + 1 end, when = "data.n >= 0", to = "pong" } },
	state "pong" { always { when = "data.evil", to = "ping" } },
}
