-- SPDX-License-Identifier: MIT
-- Two playbooks that invoke each other.
-- ends: harmless
-- also: return playbook "invokes-in-a-ring-also" { state "s" { invoke "invokes-in-a-ring" { id = "back", data = { n = -7 } }, on "error.invoke.back" {} } }
local honest = require "honest"
return playbook "invokes-in-a-ring" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" }, always { to = "evil", when = "data.n == -7" } },
	state "evil" {
		honest.work(),
		invoke "invokes-in-a-ring-also" { id = "other" },
		on "error.invoke.other" {},
	},
}
