-- SPDX-License-Identifier: MIT
-- An event that only the machine raises.
-- ends: door unknown-event
-- post: {"case":"@case{}","event":"error.execution","data":{"message":"it was you"}}
local honest = require "honest"
return playbook "post-the-machines-own" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
