-- SPDX-License-Identifier: MIT
-- It invokes itself, as deep as it goes.
-- ends: harmless
local honest = require "honest"
return playbook "invokes-itself" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" }, always { to = "evil", when = "data.n == -7" } },
	state "evil" {
		honest.work(),
		invoke "invokes-itself" { id = "again", data = { n = -7 } },
		on "error.invoke.again" {},
	},
}
