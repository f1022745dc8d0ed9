-- SPDX-License-Identifier: MIT
-- Ten thousand lists in each other.
-- ends: door json-depth
-- post: {"case":"@case{}","event":"go","data":{"x":@10000{[}@10000{]}}}
local honest = require "honest"
return playbook "post-too-deep" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
