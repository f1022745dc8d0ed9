-- SPDX-License-Identifier: MIT
local escalation, talk = require "aplomb.escalation", require "aplomb.talk"

return playbook "p" {
	uses = { talk },
	parallel "work" {
		state "conversation" {
			state "talking" { on "customer.message" { to = "handed-over" }, after "1h" { to = "over" } },
			escalation.handover "handed-over" { policy = "supervisr", done = { taken = "over", nobody = "over" } },
			final "over" {},
		},
		escalation.policy "supervisor" {
			escalation.step { to = "team-lead", answer_in = "5m" },
		},
	},
}
