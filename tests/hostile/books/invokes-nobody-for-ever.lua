-- SPDX-License-Identifier: MIT
-- It invokes what does not exist, and tries again.
-- ends: faulted limit-microsteps|limit-internal-events
local honest = require "honest"
return playbook "invokes-nobody-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "there-is-no-such-playbook" { id = "x" },
		on "error.communication" { to = "evil" },
	},
}
