-- SPDX-License-Identifier: MIT
-- Loops before anything has happened to the case.
-- ends: faulted limit-instructions
-- when: opening
local honest = require "honest"
return playbook "opening-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	entry(function(case) while case.data.evil do end end), --!
	state "work" { honest.work() },
}
