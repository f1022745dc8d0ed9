-- SPDX-License-Identifier: MIT
-- The playbook of all_day.c: how a conversation goes, told by the tone of each
-- message. Every guard and every action is a text, so that a step needs no Lua.

return playbook "mood" {
	title = "How the conversation goes",
	initial = "calm",

	params = { patience = integer { default = 2 } },
	data = {
		messages = integer { default = 0 },
		harsh = integer { default = 0 },
	},

	event "customer.message" { tone = integer { required = true }, text = text { personal = true } },
	event "agent.message" { text = text { personal = true } },

	state "calm" {
		rests = "nothing is wrong",
		on "customer.message" {
			{ to = "tense", when = "event.tone < 0 and data.harsh >= params.patience", act = "data.messages = data.messages + 1; data.harsh = 0" },
			{ when = "event.tone < 0", act = "data.messages = data.messages + 1; data.harsh = data.harsh + 1" },
			{ act = "data.messages = data.messages + 1" },
		},
	},

	state "tense" {
		rests = "the next word is ours",
		on "customer.message" { act = "data.messages = data.messages + 1" },
		on "agent.message" { to = "calm", because = "we answered" },
	},
}
