-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	state "s" {
		on "" { to = "t" },
		on "go away" { to = "t" },
		on { "go", 5 } { to = "t" },
		on { "go", "" } { to = "t" },
		on {} { to = "t" },
		on "go" { to = "t u" },
		on "go" { to = { "t", "u v" } },
		on "go" { to = "" },
	},
	state "t" {},
}
