-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	event "go" { n = integer {} },
	effect "tell" {},
	effect "tell" {},
	counter "c" { of = "go" },
	counter "c" { of = "go" },
	state "s" {},
	state "s" {},
}
