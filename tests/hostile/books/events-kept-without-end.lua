-- SPDX-License-Identifier: MIT
-- Keeps every event for later.
-- ends: faulted limit-deferred
-- times: 25
local honest = require "honest"
return playbook "events-kept-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { defer = true } },
}
