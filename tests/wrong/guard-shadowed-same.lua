-- SPDX-License-Identifier: MIT
-- Two candidates have the same guard.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { { to = "talking", when = "event.tone < 0" }, { to = "done", when = "event.tone < 0" } },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
