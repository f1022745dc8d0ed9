-- SPDX-License-Identifier: MIT
-- A final is a region of a parallel.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	parallel "work" {
		state "talk" { rests = "nobody has written yet", on "agent.message" { act = function() end } },
		final "over" {},
	},
}
