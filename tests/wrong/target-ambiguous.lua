-- SPDX-License-Identifier: MIT
-- Two states bear the name that a target gives.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "a" { rests = "nobody has written yet", on "customer.message" { to = "b" } },
	state "b" { rests = "no clock is needed here", on "agent.message" { to = "done" } },
	state "b" { rests = "no clock is needed here", on "agent.message" { to = "done" } },
	final "done" {},
}
