-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	effect "pay" { amount = money {}, once = true },
	state "s" { on "go" { to = "t", act = function(case) case:effect("pay", { amount = "1.00 GBP" }) end } },
	final "t" {},
}
