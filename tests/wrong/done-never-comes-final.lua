-- SPDX-License-Identifier: MIT
-- The end that is waited for is never reached.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "talk" {
		rests = "nobody has written yet",
		on "done.state.talk" { to = "done" },
		on "customer.message" { to = "done" },
		state "open" { on "agent.message" { to = "open" } },
		final "over" {},
	},
	final "done" {},
}
