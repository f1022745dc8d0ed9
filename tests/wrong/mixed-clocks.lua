-- SPDX-License-Identifier: MIT
-- Texts that hold what a clock counts against the other kind of time.
return playbook "mixed-clocks" {
	calendar "office" { zone = "Europe/London", week = { ["mon-fri"] = "09:00-17:00" } },
	params = { patience = span { default = "1h" } },
	event "go" {},
	clock "resolve" { target = "8 business hours", runs_in = "s" },
	clock "reply" { target = "1h", runs_in = "s" },
	clock "asked" { target = from "params.patience", runs_in = "s" },
	state "s" {
		on "go" {
			{ when = "left('resolve') < '4h'", to = "t" },
			{ when = "'30 business minutes' >= elapsed('reply')", to = "t" },
			{ when = "left('resolve') > left('reply')", to = "t" },
			{ when = "left('asked') > '1 business hour' and left('asked') > '1h'", to = "t" },
			{ when = "left('resolve') > '1 business hour' and left('reply') > '5m'", to = "t" },
			{ when = "deadline('resolve') - case.now > '2 business hours'", to = "t" },
		},
	},
	final "t" {},
}
