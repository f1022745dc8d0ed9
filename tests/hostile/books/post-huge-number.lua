-- SPDX-License-Identifier: MIT
-- A number that no computer holds.
-- ends: door json-number
-- post: {"case":"@case{}","event":"go","data":{"n":1e999999}}
local honest = require "honest"
return playbook "post-huge-number" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
