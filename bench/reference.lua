-- SPDX-License-Identifier: MIT
-- The reference chart of the benchmark: two regions, ten states with entry
-- actions, every guard and every action a Lua function. bench/reference.c
-- drives it; the counters in its data are the checksum.

local function count(case, event)
	local d = case.data
	d.messages = d.messages + 1
	d.tone = d.tone + event.tone
end

-- Guards are asked before any action runs: the first abuse is what `calm` has already noted.
local function second(case, event) return event.abusive and case.data.abuses >= 1 end
local function abusive(_, event) return event.abusive end
local function few(case) return case.data.rejects < 2 end

local function another_reject(case)
	local d = case.data
	d.rejects = d.rejects + 1
end
local function no_rejects(case) case.data.rejects = 0 end
local function no_abuses(case) case.data.abuses = 0 end
local function first_abuse(case) case.data.abuses = 1 end
local function second_abuse(case) case.data.abuses = 2 end

return playbook "reference" {
	title = "The reference chart of the benchmark",
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

	parallel "talk" {
		state "conversation" {
			initial = "greeting",

			state "greeting" {
				entry(function(case) local d = case.data; d.n_greeting = d.n_greeting + 1 end),
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ to = "listening", act = count },
				},
			},

			state "listening" {
				entry(function(case) local d = case.data; d.n_listening = d.n_listening + 1 end),
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ act = count },
				},
				on "offer" { to = "solving", act = no_rejects },
			},

			state "solving" {
				initial = "offering",
				entry(function(case) local d = case.data; d.n_solving = d.n_solving + 1 end),
				on "message" {
					{ to = "escalated", when = second, act = count },
					{ act = count },
				},
				on "accept" { to = "resolved" },

				state "offering" {
					entry(function(case) local d = case.data; d.n_offering = d.n_offering + 1 end),
					on "reject" {
						{ to = "negotiating", when = few, act = another_reject },
						{ to = "escalated" },
					},
				},

				state "negotiating" {
					entry(function(case) local d = case.data; d.n_negotiating = d.n_negotiating + 1 end),
					on "offer" { to = "offering" },
					on "reject" {
						{ to = "negotiating", when = few, act = another_reject },
						{ to = "escalated" },
					},
				},
			},

			state "resolved" {
				entry(function(case) local d = case.data; d.n_resolved = d.n_resolved + 1 end),
				on "agent" { to = "greeting" },
			},

			state "escalated" {
				entry(function(case) local d = case.data; d.n_escalated = d.n_escalated + 1 end),
				on "agent" { to = "listening" },
			},
		},

		state "boundary" {
			initial = "calm",

			state "calm" {
				entry(function(case) local d = case.data; d.n_calm = d.n_calm + 1 end),
				on "message" { to = "warned", when = abusive, act = first_abuse },
			},

			state "warned" {
				entry(function(case) local d = case.data; d.n_warned = d.n_warned + 1 end),
				on "message" { to = "final-warning", when = abusive, act = second_abuse },
				on "agent" { to = "calm", act = no_abuses },
			},

			state "final-warning" {
				entry(function(case) local d = case.data; d.n_final_warning = d.n_final_warning + 1 end),
				on "agent" { to = "calm", act = no_abuses },
			},
		},
	},
}
