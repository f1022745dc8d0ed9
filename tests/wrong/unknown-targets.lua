-- SPDX-License-Identifier: MIT
return playbook "p" {
	initial = "wating",
	event "go" {},
	state "waiting" { on "go" { to = "resloved" } },
	state "resolved" { initial = "a", state "b" {} },
	history "back" { default = "waitin" },
}
