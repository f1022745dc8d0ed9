-- SPDX-License-Identifier: MIT
-- Phrases that nobody wrote, named to the library: each is told where it was named.
local boundary = require "aplomb.boundary"
local talk = require "aplomb.talk"

return playbook "phrases" {
	uses = { talk },
	parallel "work" {
		state "conversation" {
			on "customer.message" { act = talk.suggest "apology.plane" },
			on "customer.done" { act = talk.say { text = phrase "no.such.thing" } },
		},
		boundary.ladder "respect" {
			counts = counter "abuse" { of = "customer.message" },
			boundary.rung { at = 1, suggest = "calm.slow" },
		},
	},
}
