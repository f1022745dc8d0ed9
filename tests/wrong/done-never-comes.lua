-- SPDX-License-Identifier: MIT
-- done.state of a state that never ends.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
		on "done.state.talking" { to = "done" },
	},
	final "done" {},
}
