-- SPDX-License-Identifier: MIT
-- A fraction of a second that is next to nothing.
-- ends: refused span
local honest = require "honest"
return playbook "every-part-of-a-microsecond" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		every "0.1us" { act = "data.n = data.n + 1" }, --!
	},
}
