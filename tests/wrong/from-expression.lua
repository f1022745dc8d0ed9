-- SPDX-License-Identifier: MIT
local rest = from "data.limit - data.spent"
local where = from "is_in('nowhere') and count('abuze') > 2"

return playbook "p" {
	params = { wait = span {}, pace = span { default = "10m" } },
	data = { limit = money {}, spent = integer {}, s = span {} },
	event "go" { text = text {} },
	effect "tell" { rest = money {}, is = boolean {} },
	counter "abuse" { of = "go", window = from "params.wait * 2" },
	counter "other" { of = "go", window = from "data.s + '1h'" },
	state "s" {
		on "go" { act = function(case) case:effect("tell", { rest = rest, is = where, text = from_text }) end },
		after(from "params.pace *") { to = "t" },
		every(from "params.pace // params.pace") { to = "t" },
		at(from "case.now - case.opened_at") { to = "t" },
		at(from "event.text") { to = "t" },
		at(from "events.text") { to = "t" },
	},
	final "t" {},
}
