-- SPDX-License-Identifier: MIT
return playbook "p" {
	data = { n = integer {}, b = boolean {}, t = text {} },
	event "go" {},
	state "s" {
		on "go" { when = "" },
		on "go" { when = "data.n = 1" },
		on "go" { when = "data.n != 1" },
		on "go" { when = "data.n == 1 && data.b" },
		on "go" { when = "data.t .. 'x' == 'y'" },
		on "go" { when = "data.n == \"1\" ^ 2" },
		on "go" { when = "if data.b then" },
		on "go" { when = "(data.b" },
		on "go" { when = "case:is_in('s')" },
		on "go" { act = "case:raise('go')" },
		on "go" { act = "data.n == 1" },
		on "go" { act = "data.n = 1 data.b = true" },
		on "go" { act = "" },
		on "go" { when = 'data.t == "\xff"' },
	},
}
