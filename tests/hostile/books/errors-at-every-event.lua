-- SPDX-License-Identifier: MIT
-- Errs whenever it can; what takes error.execution errs, too.
-- ends: faulted limit-microsteps
local honest = require "honest"
return playbook "errors-at-every-event" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function() error("once more") end },
		on "error.execution" { act = function() error("again") end }, --!
	},
}
