-- SPDX-License-Identifier: MIT
-- A day at a desk, for bench/store_day.c: cases open, are spoken to, wait, are handed on, tell each other, and close. Deadlines by
-- the clock and by office hours, a clock that pauses, a counter with a window, effects that are not always taken.

return playbook "day" {
	title = "A day at a desk",
	calendar "office" { zone = "Europe/London", week = { ["mon-fri"] = "08:00-18:00" } },
	data = {
		messages = integer { default = 0 },
		tone = integer { default = 0 },
		heard = integer { default = 0 },
		note = text {},
	},

	event "hello" { note = text {} },
	event "message" { tone = integer { required = true }, text = text {} },
	event "agent" {},
	event "tell" { case = text { required = true } },
	event "news" {},
	event "close" {},

	effect "notify" { text = text {} },
	counter "angry" { of = "message", when = "event.tone < -1", window = "6h" },
	clock "resolve" { target = "4 business hours", runs_in = "open.ours", warn_at = { 0.75 } },

	state "open" {
		initial = "ours",
		on "close" { to = "over" },
		on "tell" {
			act = function(case, event)
				case:send { event = "news", to = event.case }
			end,
		},
		on "news" { act = "data.heard = data.heard + 1" },
		on "clock.resolve.breached" {
			act = function(case)
				case:effect("notify", { text = "it took too long" })
			end,
		},

		state "ours" {
			entry(function(case, event)
				if event and event.note then case.data.note = event.note end
			end),
			on "message" {
				{ to = "lead", when = "count('angry') > 2" },
				{ act = "data.messages = data.messages + 1; data.tone = data.tone + event.tone" },
			},
			on "agent" { to = "theirs" },
			after "2h" { since = "message", to = "lead" },
		},
		state "theirs" {
			on "message" { to = "ours", act = "data.messages = data.messages + 1" },
			after "3d" { to = "over" },
		},
		state "lead" {
			entry(function(case)
				case:effect("notify", { text = "somebody has to take over" })
			end),
			on "message" { act = "data.messages = data.messages + 1" },
			on "agent" { to = "theirs" },
			after "2 business hours" { to = "ours" },
		},
	},
	final "over" { outcome = "over" },
}
