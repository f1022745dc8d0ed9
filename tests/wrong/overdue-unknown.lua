-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	state "s" {
		after "1h" { overdue = "collapse", to = "t" },
		every "1h" { overdue = "colapse", act = function() end },
		on "go" { to = "t" },
	},
	final "t" {},
}
