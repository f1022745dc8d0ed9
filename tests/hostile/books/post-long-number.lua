-- SPDX-License-Identifier: MIT
-- A number of fifty thousand digits.
-- ends: door json-number
-- post: {"case":"@case{}","event":"go","data":{"n":@50000{9}}}
local honest = require "honest"
return playbook "post-long-number" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
