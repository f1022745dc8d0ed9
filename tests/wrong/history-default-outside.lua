-- SPDX-License-Identifier: MIT
-- A history's default lies outside of its state.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "talk" { rests = "nobody has written yet",
		on "agent.message" { to = "done" },
		history "back" { default = "other" },
		state "open" { on "customer.message" { to = "back" } },
	},
	state "other" { rests = "no clock is needed here", on "agent.message" { to = "done" } },
	final "done" {},
}
