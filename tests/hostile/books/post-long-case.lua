-- SPDX-License-Identifier: MIT
-- A case of ten thousand bytes.
-- ends: door bad-id
-- post: {"case":"@case{}@10000{x}","playbook":"post-long-case","event":"go"}
local honest = require "honest"
return playbook "post-long-case" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
