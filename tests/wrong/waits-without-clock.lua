-- SPDX-License-Identifier: MIT
-- We owe an answer, and nothing happens when nobody gives it.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "quiet" { rests = "nothing is owed until somebody writes", on "customer.message" { to = "owed" } },
	state "owed" { on "agent.message" { to = "answered" } },
	state "answered" { after "2d" { to = "done" } },
	final "done" {},
}
