-- SPDX-License-Identifier: MIT
-- A ladder raises an event that does not carry its id.
local talk = require "aplomb.talk"
local boundary = require "aplomb.boundary"

return playbook "wrong" {
	uses = { talk },
	parallel "work" {
		state "talk" { rests = "nobody has written yet", on "agent.message" { act = function() end } },
		boundary.ladder "respect" {
			counts = counter "abuse" { of = "customer.message", when = "event.abusive", window = "30m" },
			boundary.rung { at = 1, raise = "supervisor" },
		},
	},
}
