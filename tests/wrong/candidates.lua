-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	state "s" {
		on "go" { because = "x", { to = "t" } },
		on "go" { "t" },
		on "go" { { to = "t", { to = "u" } } },
		on "go" { { too = "t" }, { since = "go" } },
		after "1h" { since = "go", { to = "t" }, { since = "go", to = "t" } },
		state "t" {},
	},
}
