-- SPDX-License-Identifier: MIT
--
-- Somebody has to come: an alarm is raised, whoever is on duty is called, and the ladder goes on until somebody has taken it. Holidays and the
-- nights come out of calendar programs; the days are turns.
local escalation = require "aplomb.escalation"

return playbook "on-call" {
	title = "Somebody has to come",

	calendar "office" {
		zone = "Europe/London",
		week = { ["mon-fri"] = "09:00-17:00" },
		holidays = "holidays.ics",
	},
	rota "first-line" {
		zone = "Europe/London",
		turns = { "Ada", "Bob", "Cleo" },
		begins = "2026-11-02", handover = "mon 09:00",
		hours = { ["mon-fri"] = "07:00-19:00", sat = "09:00-13:00" },
		file = "duties.ics",
		overrides = { { who = "Dee", from = "2026-11-26 12:00", to = "2026-11-26 19:00" } },
	},

	event "alarm" { what = text { required = true } },
	effect "note" { text = text { required = true } },

	parallel "work" {
		on "done.state.alarm" { to = "over" },
		state "alarm" {
			initial = "quiet",
			state "quiet" {
				rests = "nothing is wrong",
				on "alarm" { to = "called", because = "somebody has to come" },
			},
			escalation.handover "called" { policy = "on-call", done = { taken = "taken", nobody = "untaken" } },
			final "taken" {},
			final "untaken" {},
		},
		escalation.policy "on-call" {
			repeat_from = 2, repeats = 2,
			escalation.step { rota = "first-line", answer_in = "10m", times = 2 },
			escalation.step { to = "team-lead", only_during = "office", answer_in = "15m" },
			escalation.step { rota = "first-line", if_nobody = "fallback", fallback = "duty-manager", answer_in = "30m" },
		},
	},
	final "over" {},
}
