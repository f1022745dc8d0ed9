-- SPDX-License-Identifier: MIT
-- The end of a state, from outside.
-- ends: door unknown-event
-- post: {"case":"@case{}","event":"done.state.work"}
local honest = require "honest"
return playbook "post-done" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
