-- SPDX-License-Identifier: MIT
-- A default beyond its own bounds.
return playbook "wrong" {
	params = { warnings = integer { default = 5, min = 1, max = 3 } },
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
