-- SPDX-License-Identifier: MIT
-- The same id, ten times.
-- ends: harmless
-- post: {"case":"@case{}","event":"go","id":"once","data":{"n":1}}
-- times: 10
local honest = require "honest"
return playbook "post-the-same-again" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
