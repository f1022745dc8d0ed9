-- SPDX-License-Identifier: MIT
-- A function asks for a state by half of its path.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "talk" {
		rests = "nobody has written yet",
		on "customer.message" { to = "done", when = function(case) return case:is_in("open") end },
		state "open" {},
	},
	final "done" {},
}
