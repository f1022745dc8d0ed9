-- SPDX-License-Identifier: MIT
-- An event of more bytes than one may have.
-- ends: door json-size
-- post: {"case":"@case{}","event":"go","data":{"s":"@80000{x}"}}
local honest = require "honest"
return playbook "post-too-large" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
