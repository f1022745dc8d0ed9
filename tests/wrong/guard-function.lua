-- SPDX-License-Identifier: MIT
-- A guard calls a function that is none.
return playbook "wrong" {
	data = { value = money {}, visits = integer { default = 0 }, order = text {}, cause = one_of { "stress", "product", default = "stress" } },
	params = { limit = money { default = "40.00 GBP" }, patience = span { default = "10m" } },
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "waiting" { rests = "nobody has written yet",
		on "customer.message" { to = "talking", when = "length(data.order) > 3" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
