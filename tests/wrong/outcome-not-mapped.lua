-- SPDX-License-Identifier: MIT
-- An end of a state leads nowhere.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "asking" {
		done = { yes = "done" },
		state "open" { rests = "nobody has answered yet", on "customer.message" { to = "yes" }, on "agent.message" { to = "no" } },
		final "yes" {},
		final "no" {},
	},
	final "done" {},
}
