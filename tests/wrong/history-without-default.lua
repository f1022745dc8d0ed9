-- SPDX-License-Identifier: MIT
-- A history does not say where to go at first.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "talk" { rests = "nobody has written yet",
		on "agent.message" { to = "done" },
		history "back" {},
		state "open" { on "customer.message" { to = "back" } },
	},
	final "done" {},
}
