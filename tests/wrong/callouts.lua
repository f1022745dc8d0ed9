-- SPDX-License-Identifier: MIT
-- Plans of whom to ask that say nothing, or two things at once.
return playbook "callouts" {
	calendar "office" { zone = "Europe/London", week = { ["mon-fri"] = "09:00-17:00" } },
	rota "first-line" { zone = "UTC", turns = { "Ada" }, begins = "2026-03-02", handover = "09:00" },
	callout "names" { steps = {
		{ rota = "frist-line", answer_in = "10m" },
		{ to = "lead", only_during = "ofice", answer_in = "10m" },
	} },
	callout "both" { steps = { { to = "lead", rota = "first-line" }, { answer_in = "5m" } } },
	callout "nobody" { steps = { { rota = "first-line", if_nobody = "wiat" }, { to = "lead", if_nobody = "wait" }, { rota = "first-line", fallback = "lead" } } },
	callout "fields" { steps = { { two = "lead", answer_in = "soon", times = 0 } } },
	callout "repeats" { repeat_from = 2, repeats = 3, steps = { { to = "lead" } } },
	callout "for-ever" { until_taken = true, repeats = 3, steps = { { to = "lead" } } },
	callout "empty" { steps = {} },
	callout "param" { steps = { { to = from "params.lead" } } },
	callout "well" { steps = { { to = "lead" } } },
	callout "well" { steps = { { to = "lead" } } },
	state "s" {},
}
