-- SPDX-License-Identifier: MIT
-- Ten thousand members that are nobody's.
-- ends: door unknown-member
-- post: {"case":"@case{}","event":"go"@10000{,"x":1}}
local honest = require "honest"
return playbook "post-many-members" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
