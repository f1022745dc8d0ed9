-- SPDX-License-Identifier: MIT
-- What people asked of escalation ladders and did not get: a policy for each, side by side. ladders_test.lua plays them.
local escalation = require "aplomb.escalation"
local step = escalation.step

return playbook "ladders" {
	calendar "office" { zone = "Europe/London", week = { ["mon-fri"] = "09:00-17:00" } },
	-- Somebody on working days, nobody at weekends.
	rota "weekdays" {
		zone = "Europe/London", turns = { "Ada", "Bob" }, begins = "2026-03-02", handover = "09:00",
		hours = { ["mon-thu"] = "00:00-24:00", fri = "00:00-18:00" },
	},
	rota "empty" { zone = "Europe/London", overrides = { { nobody = true, from = "2026-01-01", to = "2026-01-02" } } },

	parallel "work" {
		-- Nobody is on duty: the step does not take its time, the next one is called at once.
		escalation.policy "skips" {
			step { rota = "weekdays", answer_in = "15m", times = 2 },
			step { to = "duty-manager", answer_in = "1h" },
		},
		-- Out of hours it waits, and whoever is on duty next is called then.
		escalation.policy "waits" {
			step { rota = "weekdays", if_nobody = "wait", answer_in = "15m" },
			step { rota = "empty", if_nobody = "wait", answer_in = "15m" },
			step { to = "duty-manager", answer_in = "1h" },
		},
		-- Somebody else is called in their place.
		escalation.policy "falls-back" {
			step { rota = "weekdays", if_nobody = "fallback", fallback = "night-desk", answer_in = "15m", times = 2 },
		},
		-- From the manager on it begins again, so often.
		escalation.policy "repeats" {
			repeat_from = 2, repeats = 2,
			step { to = "agent", answer_in = "5m" },
			step { to = "manager", answer_in = "10m" },
			step { to = "director", answer_in = "20m" },
		},
		-- And until somebody takes it.
		escalation.policy "goes-on" {
			until_ack = true, repeat_from = 2,
			step { to = "agent", answer_in = "5m" },
			step { to = "manager", answer_in = "10m" },
		},
		-- Whoever was called sends it to another step, or on.
		escalation.policy "jumps" {
			may_send_on = true,
			step { to = "agent", answer_in = "1h" },
			step { to = "manager", answer_in = "1h" },
			step { to = "director", answer_in = "1h" },
		},
		-- The one who is on duty, and then whoever is so after them.
		escalation.policy "after-them" {
			step { rota = "weekdays", answer_in = "10m" },
			step { rota = "weekdays", next = true, answer_in = "10m" },
			step { to = "duty-manager", answer_in = "1h" },
		},
		-- A step for some hours of some days only.
		escalation.policy "in-hours" {
			step { to = "desk", only_during = "office", answer_in = "10m" },
			step { to = "night-desk", answer_in = "1h" },
		},
	},
}
