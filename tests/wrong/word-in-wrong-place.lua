-- SPDX-License-Identifier: MIT
-- A transition stands in a final.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	on "customer.message" { to = "done" },
	final "done" {},
}
