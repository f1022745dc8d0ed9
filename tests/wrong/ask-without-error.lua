-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "done.ask.stock" {},
	event "go" {},
	effect "look-up" {},
	state "s" {
		on "go" { act = function(case) case:ask("look-up", { timeout = "10s" }, { id = "stock" }) end },
		on "done.ask.stock" { to = "t" },
	},
	final "t" {},
}
