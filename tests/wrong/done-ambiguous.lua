-- SPDX-License-Identifier: MIT
-- done.state names one of two states that end.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	parallel "work" {
		on "done.state.step" { to = "done" },
		state "left" { state "step" { state "x" { rests = "no clock is needed here", on "agent.message" { to = "end" } }, final "end" {} } },
		state "right" { state "step" { state "x" { rests = "no clock is needed here", on "agent.message" { to = "end" } }, final "end" {} } },
	},
	final "done" {},
}
