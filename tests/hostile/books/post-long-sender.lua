-- SPDX-License-Identifier: MIT
-- A sender of ten thousand bytes.
-- ends: door bad-id
-- post: {"case":"@case{}","event":"go","by":"@10000{x}"}
local honest = require "honest"
return playbook "post-long-sender" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
