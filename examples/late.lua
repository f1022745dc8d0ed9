-- SPDX-License-Identifier: MIT
-- The playbook of minimal.c and own_loop.c: somebody asks where a parcel is,
-- we answer, and when we have been silent for too long the team lead is told.

local function answer(case)
	case:effect("suggest", { text = "I am sorry that it is not with you yet. Let me find out where it is." },
		{ because = "an apology needs no fault" })
end

local function tell_team_lead(case)
	case:effect("notify", { to = "team-lead", text = "A customer waits for an answer." })
end

return playbook "late" {
	title = "A parcel that is late",
	initial = "under-way",

	params = { patience = span { default = "10m" } },

	event "customer.message" { text = text { personal = true } },
	event "agent.message" { text = text { personal = true } },
	event "parcel.delivered" {},

	effect "suggest" { text = text {} },
	effect "notify" { to = text {}, text = text {} },

	state "under-way" {
		initial = "waiting",
		on "parcel.delivered" { to = "delivered", because = "the parcel is where it belongs" },

		state "waiting" {
			on "customer.message" { act = answer },
			on "agent.message" { to = "answered" },
			after(from "params.patience") { to = "overdue", because = "nobody answered in time" },
		},

		state "overdue" {
			rests = "the team lead knows, and sees to it",
			entry(tell_team_lead),
			on "agent.message" { to = "answered" },
		},

		state "answered" {
			rests = "the customer has our answer; the next word is theirs",
			on "customer.message" { to = "waiting", act = answer },
		},
	},

	final "delivered" { outcome = "delivered" },
}
