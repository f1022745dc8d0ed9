-- SPDX-License-Identifier: MIT
-- Escalation policies that could call nobody, or say two things at once.
local escalation = require "aplomb.escalation"
local policy, step = escalation.policy, escalation.step

return playbook "policies" {
	rota "r" { zone = "UTC", turns = { "Ada" }, begins = "2026-03-02", handover = "09:00" },
	parallel "work" {
		policy "last-is-a-rota" { step { rota = "r", answer_in = "5m" } },
		policy "last-has-hours" { step { to = "lead", only_during = "office", answer_in = "5m" } },
		policy "last-waits" { step { rota = "r", if_nobody = "wait", answer_in = "5m" } },
		policy "both" { step { to = "lead", rota = "r", answer_in = "5m" } },
		policy "neither" { step { answer_in = "5m" } },
		policy "no-rota" { step { to = "lead", if_nobody = "skip", answer_in = "5m" } },
		policy "unknown-way" { step { rota = "r", if_nobody = "ignore", answer_in = "5m" } },
		policy "no-fallback" { step { rota = "r", if_nobody = "fallback", answer_in = "5m" } },
		policy "from-nowhere" { repeat_from = 2, step { to = "lead", answer_in = "5m" } },
		policy "too-often" { repeat_from = 1, repeats = 11, step { to = "lead", answer_in = "5m" } },
		policy "for-ever-and-twice" { until_ack = true, repeat_from = 1, repeats = 2, step { to = "lead", answer_in = "5m" } },
	},
}
