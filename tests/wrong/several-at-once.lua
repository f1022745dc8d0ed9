-- SPDX-License-Identifier: MIT
return playbook "p" {
	data = { n = integer { defalt = 1 } },
	event "go" {},
	state "a" { on "goo" { to = "b" } },
	state "b" { on "go" { to = "c", act = 5 } },
	stat = "x",
}
