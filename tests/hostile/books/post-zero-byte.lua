-- SPDX-License-Identifier: MIT
-- A zero byte within a text.
-- ends: harmless
-- post: {"case":"@case{}","event":"go","data":{"s":"a\u0000b","n":1}}
local honest = require "honest"
return playbook "post-zero-byte" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
