-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	parallel "both" {
		state "left" { state "a" { on "go" { to = "b" } } },
		state "right" { state "b" {} },
	},
}
