-- SPDX-License-Identifier: MIT
-- An event from the first year.
-- ends: harmless
-- post: {"case":"@case{}","event":"go","at":"0001-01-01T00:00:00Z","data":{"n":1}}
local honest = require "honest"
return playbook "post-long-ago" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
