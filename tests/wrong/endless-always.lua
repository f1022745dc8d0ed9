-- SPDX-License-Identifier: MIT
-- Two states that are left at once, for each other.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "done" },
		always { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		always { to = "waiting" },
	},
	final "done" {},
}
