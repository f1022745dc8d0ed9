-- SPDX-License-Identifier: MIT
-- A brace is not closed.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { on "customer.message" { to = "done" },
	final "done" {},
