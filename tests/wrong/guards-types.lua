-- SPDX-License-Identifier: MIT
return playbook "p" {
	data = { n = integer { default = 0 }, x = number {}, b = boolean {}, t = text { required = true }, v = money {}, s = span {}, at = instant {},
		l = list { of = text {} }, o = one_of { "a", "b" }, f = fields { x = integer {} } },
	event "go" { k = integer {} },
	event "stop" { k = text {} },
	state "s" {
		on "go" { when = "data.n" },
		on "go" { when = "data.n and data.b" },
		on "go" { when = "data.n == data.t" },
		on "go" { when = "data.s < 90" },
		on "go" { when = "data.v * 0.5 > '1 GBP'" },
		on "go" { when = "data.v < '1.5 GBP'" },
		on "go" { when = "data.at + data.at > case.now" },
		on "go" { when = "data.o < 'a'" },
		on "go" { when = "data.l == 'a'" },
		on "go" { when = "len(data.n) > 1 or contains(data.l, 5)" },
		on "go" { when = "1 // 0 > data.n" },
		on { "go", "stop" } { when = "event.k == 1" },
		on "go" { act = "data.n = 'x'; data.n = data.x; data.t = nil; data.f = nil; data.b = data.n" },
		on "go" { act = "event.k = 1" },
	},
}
