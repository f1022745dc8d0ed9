-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	state "s" {
		on "go" { to = "t" }
		{ to = "u" },
	},
	state "t" {},
}
