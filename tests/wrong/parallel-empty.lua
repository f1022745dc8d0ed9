-- SPDX-License-Identifier: MIT
-- A parallel without regions.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	parallel "work" {},
}
