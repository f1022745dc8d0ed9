-- SPDX-License-Identifier: MIT
-- An id begins with a capital letter.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "Waiting" { rests = "nobody has written yet", on "agent.message" { to = "done" } },
	final "done" {},
}
