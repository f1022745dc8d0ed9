-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "Go!" {},
	effect "Tell" {},
	effect "tell..me" {},
	counter "9" { of = "go" },
	event "go" {},
	state "S T" {},
	state "a.b" {},
}
