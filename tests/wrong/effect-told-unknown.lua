-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	event "done.effect.pya" {},
	event "error.effect.pay" {},
	effect "pay" {},
	state "s" {
		on "go" { act = function(case) case:effect("pay") end },
		on "done.effect.pya" { to = "t" },
		on "error.effect.pya" { to = "t" },
	},
	final "t" {},
}
