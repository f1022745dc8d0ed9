-- SPDX-License-Identifier: MIT
-- Half of a surrogate pair.
-- ends: door json-text
-- post: {"case":"@case{}","event":"go","data":{"s":"\ud800"}}
local honest = require "honest"
return playbook "post-half-a-pair" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
