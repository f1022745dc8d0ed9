-- SPDX-License-Identifier: MIT
-- The second of two targets does not exist.
return playbook "wrong" {
	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 } },
	event "agent.message" {},
	state "idle" { rests = "nobody has written yet",
		on "customer.message" { to = { "work.talk.open", "work.mood.clam" } },
	},
	parallel "work" {
		on "agent.message" { to = "done" },
		state "talk" { state "open" { rests = "no clock is needed here" } },
		state "mood" { state "calm" { rests = "no clock is needed here" } },
	},
	final "done" {},
}
