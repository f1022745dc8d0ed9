-- SPDX-License-Identifier: MIT
-- The reference chart (bench/reference_text.lua) as cases have it that are kept: with deadlines where somebody waits for
-- an answer, and with somebody to be told where a person should look. bench/store.c drives it: of three events a case, about 0.3 arm a
-- deadline and 0.05 have an effect.

local count = "data.messages = data.messages + 1; data.tone = data.tone + event.tone"

-- Guards are asked before any action runs: the first abuse is what `calm` has already noted.
local second = "event.abusive and data.abuses >= 1"

local function tell(text)
	return function(case) case:effect("tell", { text = text }) end
end

return playbook "reference" {
	title = "The reference chart with deadlines and an effect",
	initial = "talk",

	data = {
		messages = integer { default = 0 },
		tone = integer { default = 0 },
		rejects = integer { default = 0 },
		abuses = integer { default = 0 },
		n_greeting = integer { default = 0 },
		n_listening = integer { default = 0 },
		n_solving = integer { default = 0 },
		n_offering = integer { default = 0 },
		n_negotiating = integer { default = 0 },
		n_resolved = integer { default = 0 },
		n_escalated = integer { default = 0 },
		n_calm = integer { default = 0 },
		n_warned = integer { default = 0 },
		n_final_warning = integer { default = 0 },
	},

	event "hello" {}, -- opens a case; no state takes it
	event "message" { tone = integer { required = true }, abusive = boolean {}, text = text {} },
	event "offer" {},
	event "accept" {},
	event "reject" {},
	event "agent" {},

	effect "tell" { text = text {} },

	parallel "talk" {
		state "conversation" {
			initial = "greeting",

			state "greeting" {
				entry("data.n_greeting = data.n_greeting + 1"),
				after "2h" { to = "escalated" },
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ to = "listening", act = count },
				},
			},

			state "listening" {
				entry("data.n_listening = data.n_listening + 1"),
				after "2h" { to = "escalated" },
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ act = count },
				},
				on "offer" { to = "solving", act = "data.rejects = 0" },
			},

			state "solving" {
				initial = "offering",
				entry("data.n_solving = data.n_solving + 1"),
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ act = count },
				},
				on "accept" { to = "resolved" },

				state "offering" {
					entry("data.n_offering = data.n_offering + 1"),
					after "2h" { to = "escalated" },
					on "reject" {
						{ to = "negotiating", when = "data.rejects < 2", act = "data.rejects = data.rejects + 1" },
						{ to = "escalated" },
					},
				},

				state "negotiating" {
					entry("data.n_negotiating = data.n_negotiating + 1", tell "an offer was rejected"),
					after "2h" { to = "escalated" },
					on "offer" { to = "offering" },
					on "reject" {
						{ to = "negotiating", when = "data.rejects < 2", act = "data.rejects = data.rejects + 1" },
						{ to = "escalated" },
					},
				},
			},

			state "resolved" {
				entry("data.n_resolved = data.n_resolved + 1", tell "an offer was accepted"),
				on "agent" { to = "greeting" },
			},

			state "escalated" {
				entry("data.n_escalated = data.n_escalated + 1", tell "somebody has to take over"),
				on "agent" { to = "listening" },
			},
		},

		state "boundary" {
			initial = "calm",

			state "calm" {
				entry("data.n_calm = data.n_calm + 1"),
				on "message" { to = "warned", when = "event.abusive", act = "data.abuses = 1" },
			},

			state "warned" {
				entry("data.n_warned = data.n_warned + 1", tell "a customer was abusive"),
				on "message" { to = "final-warning", when = "event.abusive", act = "data.abuses = 2" },
				on "agent" { to = "calm", act = "data.abuses = 0" },
			},

			state "final-warning" {
				entry("data.n_final_warning = data.n_final_warning + 1", tell "a customer was abusive again"),
				on "agent" { to = "calm", act = "data.abuses = 0" },
			},
		},
	},
}
