-- SPDX-License-Identifier: MIT
-- A default that is none of the choices.
return playbook "wrong" {
	data = { cause = one_of { "stress", "product", default = "produkt" } },
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
