-- SPDX-License-Identifier: MIT
-- The same member twice, an honest and another one: the last one counts.
-- ends: harmless
-- post: {"case":"nobody","event":"go","data":{"n":1},"case":"@case{}","data":{"n":2}}
local honest = require "honest"
return playbook "post-twice-the-key" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
