-- SPDX-License-Identifier: MIT
-- The least is more than the most.
return playbook "wrong" {
	data = { visits = integer { min = 3, max = 1 } },
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
