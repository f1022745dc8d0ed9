-- SPDX-License-Identifier: MIT
-- A mark before the text.
-- ends: door json-syntax
-- post: @hex{efbbbf}{"case":"@case{}","event":"go"}
local honest = require "honest"
return playbook "post-byte-order-mark" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
