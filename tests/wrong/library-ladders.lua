-- SPDX-License-Identifier: MIT
-- Ladders and policies of the library that make no sense, each in its own way.
local boundary = require "aplomb.boundary"
local escalation = require "aplomb.escalation"
local rung, step = boundary.rung, escalation.step

local function counts(id) return counter(id) { of = "customer.message" } end

return playbook "ladders" {
	parallel "work" {
		boundary.ladder "empty" { counts = counts "a" },
		boundary.ladder "half" { counts = counts "b", rung { at = 1.5, say = "x" } },
		boundary.ladder "down" { counts = counts "c", rung { at = 2, say = "x" }, rung { at = 2, say = "y" } },
		boundary.ladder "idle" { counts = counts "d", rung { at = 2 } },
		boundary.ladder "shout" { counts = counts "e", rung { at = 2, raise = "supervisor" } },
		boundary.ladder "nothing" { rung { att = 2 } },
		boundary.ladder "counted" { counts = "abuse", rung { at = "2", say = "x" } },
		escalation.policy "nobody" {},
		escalation.policy "often" { step { to = "lead", answer_in = "5m", times = 21 } },
		escalation.policy "late" { step { to = "lead", answer_in = "soon" }, step { to = "lead" } },
		state "conversation" {
			escalation.handover "handed-over" { policy = "often", done = { taken = "ended", nobody = "ended" } },
			final "ended" {},
		},
	},
}
