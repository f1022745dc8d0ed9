-- SPDX-License-Identifier: MIT
return playbook "p" {
	params = { wait = span { default = "1h" }, n = integer {}, f = fields { deep = span {} } },
	data = { s = span {} },
	state "s" {
		after "soon" { to = "t" },
		after "4 business weeks" { to = "t" },
		after "-1h" { to = "t" },
		after(10) { to = "t" },
		after(from "params.wiat") { to = "t" },
		after(from "params.n") { to = "t" },
		after(from "event.x") { to = "t" },
		after(from "params.f") { to = "t" },
		after(from "params.f.deep") { to = "t" },
		after(from "data.s") { to = "t" },
		after(from) { to = "t" },
	},
	state "t" {},
	event "go" {},
	counter "c" { of = "go", window = "often" },
	counter "d" { of = "go", window = "2 business days" },
	state "u" { after "1h 2 business days" { to = "t" }, after "1 business hour" { to = "t" } },
}
