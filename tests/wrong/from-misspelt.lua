-- SPDX-License-Identifier: MIT
-- `from` leads to a field that is not there.
return playbook "wrong" {
	params = { patience = span { default = "10m" } },
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		after(from "params.pateince") { to = "done" },
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
