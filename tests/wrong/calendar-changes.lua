-- SPDX-License-Identifier: MIT
return playbook "p" {
	calendar "a" { zone = "UTC", week = { mon = "08:00-17:00" }, changes = "recount" },
	calendar "b" { zone = "UTC", week = { mon = "08:00-17:00" }, changes = "keep" },
	state "s" { after "1 business hour" { calendar = "a", to = "t" } },
	final "t" {},
}
