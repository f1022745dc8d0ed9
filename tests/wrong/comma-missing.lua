-- SPDX-License-Identifier: MIT
-- The comma between two children is missing.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet", on "customer.message" { to = "done" } }
	final "done" {},
}
