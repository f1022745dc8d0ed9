-- SPDX-License-Identifier: MIT
return playbook "p" {
	title = "caf\xe9",
	event "go" {},
	state "s" { on "go" { because = "a\0b" } },
	final "done" { outcome = "\xff" },
}
