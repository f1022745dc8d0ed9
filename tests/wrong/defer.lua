-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	state "s" {
		on "go" { defer = true, to = "t" },
		on "go" { defer = true, act = function() end },
		always { defer = true },
		state "t" {},
	},
}
