-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	counter "a" {},
	counter "b" { of = 5 },
	counter "c" { of = "go", when = 5, windw = "1h" },
	state "s" {},
}
