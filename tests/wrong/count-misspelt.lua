-- SPDX-License-Identifier: MIT
-- A function asks for a counter that is not there.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	counter "messages" { of = "customer.message" },
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "talking", when = function(case) return case:count("massages") > 2 end },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
