-- SPDX-License-Identifier: MIT
-- An id of ten thousand bytes.
-- ends: door bad-id
-- post: {"case":"@case{}","event":"go","id":"@10000{x}"}
local honest = require "honest"
return playbook "post-long-id" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
