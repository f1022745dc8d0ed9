-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	event "done.effect.pay" {},
	effect "pay" { once = true },
	state "s" { on "go" { act = function(case) case:effect("pay") end }, on "done.effect.pay" { to = "t" } },
	final "t" {},
}
