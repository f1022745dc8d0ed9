-- SPDX-License-Identifier: MIT
-- A target in another region of a parallel.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	parallel "work" {
		on "done.state.talk" { to = "done" },
		state "talk" {
			state "open" { rests = "nobody has written yet", on "agent.message" { to = "over" } },
			final "over" {},
		},
		state "mood" { rests = "it watches",
			state "calm" { on "customer.message" { to = "talk.over" } },
		},
	},
	final "done" {},
}
