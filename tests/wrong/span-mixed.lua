-- SPDX-License-Identifier: MIT
-- Clock time and business time in one span.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		after "1h 2 business hours" { to = "done" },
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
