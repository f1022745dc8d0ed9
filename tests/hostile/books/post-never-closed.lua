-- SPDX-License-Identifier: MIT
-- A hundred thousand lists that nobody closes.
-- ends: door json-depth
-- post: {"case":"@case{}","event":"go","data":{"x":@50000{[}
local honest = require "honest"
return playbook "post-never-closed" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
