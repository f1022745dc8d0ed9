-- SPDX-License-Identifier: MIT
-- Names in texts: each finding stands at the part that is wrong, in lists and candidates, too.
return playbook "p" {
	params = { limit = money { default = "40.00 GBP" } },
	data = { value = money {}, tries = integer { default = 0, max = 9 }, cause = one_of { "stress", "product" }, wait = span {} },
	event "customer.message" { tone = number {} },
	event "agent.message" { note = text {} },
	counter "rude" { of = "customer.message", when = "event.tonne < 0" },
	state "talking" {
		initial = { to = "calm", act = "data.trise = 1" },
		entry("data.tries = 0", "data.tries = 10; data.cause = 'strss'"),
		exit('params.limit = "1 GBP"'),
		on "customer.message" {
			{ to = "over", when = "data.valeu > params.limit" },
			{ to = "over", when = "data.value > params.limt and is_in('clam') and count('rood') > 1" },
			{ act = { "data.tries = data.tries + 1", "data.wait = 5" } },
		},
		on { "customer.message", "agent.message" } { when = "event.tone < 0 and event.nope == 1" },
		on "agent" { when = [[
			data.tries > 1
			and data.cause == "bad-day"
		]] },
		after "1h" { to = "over", when = "tries > 1" },
		always { to = "over", when = "case.data.tries > 1" },
		state "calm" {},
	},
	final "over" {},
}
