-- SPDX-License-Identifier: MIT
-- An event whose name has ten thousand bytes.
-- ends: door unknown-event
-- post: {"case":"@case{}","event":"@10000{x}"}
local honest = require "honest"
return playbook "post-long-event" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
