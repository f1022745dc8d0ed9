-- SPDX-License-Identifier: MIT
-- `from` leads to a value of another type.
return playbook "wrong" {
	params = { patience = integer { default = 10 } },
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		after(from "params.patience") { to = "done" },
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
