-- SPDX-License-Identifier: MIT
-- Steps of the library's escalation that ask rotas and calendars which are not there.
local escalation = require "aplomb.escalation"
local step = escalation.step

-- A step that stands elsewhere than its policy is told where it stands.
local nights = step { rota = "nights", answer_in = "5m" }

return playbook "duties" {
	calendar "office" { zone = "Europe/London", week = { ["mon-fri"] = "09:00-17:00" } },
	rota "first-line" { zone = "UTC", turns = { "Ada" }, begins = "2026-03-02", handover = "09:00" },
	parallel "work" {
		escalation.policy "on-call" {
			step { rota = "frist-line", answer_in = "10m" },
			step { to = "lead", only_during = "ofice",
				answer_in = "10m" },
			nights,
			step { rota = "first-line", if_nobody = "fallback", fallback = "manager", answer_in = "30m" },
		},
		escalation.policy "wrong-kinds" { step { rota = 7, only_during = from "params.hours", answer_in = "10m" } },
	},
}
