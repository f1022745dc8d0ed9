-- SPDX-License-Identifier: MIT
-- It invokes what is over at once, and then again.
-- ends: faulted limit-hops
-- when: rounds
-- also: return playbook "invokes-what-is-over-at-once-also" { final "over" {} }
local honest = require "honest"
return playbook "invokes-what-is-over-at-once" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "invokes-what-is-over-at-once-also" { id = "x" }, --!
		on "done.invoke.x" { to = "evil" },
	},
}
