-- SPDX-License-Identifier: MIT
-- Two states lead to each other only.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "talking" },
		on "agent.message" { to = "done" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		after "1h" { to = "again" },
	},
	state "again" { after "1h" { to = "talking" } },
	final "done" {},
}
