-- SPDX-License-Identifier: MIT
-- An outcome that the state does not have.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "asking" {
		done = { yes = "done", noo = "done" },
		state "open" { rests = "nobody has answered yet", on "customer.message" { to = "yes" }, on "agent.message" { to = "no" } },
		final "yes" {},
		final "no" {},
	},
	final "done" {},
}
