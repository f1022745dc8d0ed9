-- SPDX-License-Identifier: MIT
-- The rungs of a ladder do not go up.
local talk = require "aplomb.talk"
local boundary = require "aplomb.boundary"

return playbook "wrong" {
	uses = { talk },
	parallel "work" {
		state "talk" { rests = "nobody has written yet", on "agent.message" { act = function() end } },
		boundary.ladder "respect" {
			counts = counter "abuse" { of = "customer.message", when = "event.abusive", window = "30m" },
			boundary.rung { at = 3, say = "Please stop." },
			boundary.rung { at = 2, say = "Please." },
		},
	},
}
