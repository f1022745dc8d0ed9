-- SPDX-License-Identifier: MIT
return playbook "p" {
	params = { pace = integer { default = 5 } },
	event "go" {},
	state "s" {
		every "0s" { act = "data.n = 1" },
		every "-5m" {},
		every(from "params.pace") {},
		every "1h" { since = "gone", to = "s" },
		on "go" { every "1h" {} },
	},
	every "1h" {},
}
