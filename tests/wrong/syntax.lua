-- SPDX-License-Identifier: MIT
return playbook "p" {
	state "s" { on "a" { to = "b" }
	state "t" {},
}
