-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "done.ask.stock" { there = boolean {} },
	event "error.ask.price" {},
	event "go" {},
	effect "look-up" {},
	state "s" {
		on "go" { act = function(case) case:ask("look-upp", { timeout = "10s" }, { id = "stock" }) end },
		on "done.ask.stock" { to = "t", when = "event.here" },
		on "done.ask.price" { to = "t" },
	},
	final "t" {},
}
