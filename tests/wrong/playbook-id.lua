-- SPDX-License-Identifier: MIT
-- The playbook's own id is none.
return playbook "Late Delivery" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet", on "agent.message" { to = "done" } },
	final "done" {},
}
