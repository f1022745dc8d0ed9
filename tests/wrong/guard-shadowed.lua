-- SPDX-License-Identifier: MIT
-- A candidate without a guard stands before another.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { { to = "talking" }, { to = "done", when = "event.tone < 0" } },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
