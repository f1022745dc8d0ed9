-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "customer.message" {},
	state "s" {
		on "customer.mesage" {},
		on { "customer", "custom" } {},
		after "1h" { since = "agent", to = "s" },
	},
	counter "c" { of = "customr.message" },
	counter "d" { of = { "customer.*", "x" } },
}
