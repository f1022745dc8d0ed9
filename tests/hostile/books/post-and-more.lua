-- SPDX-License-Identifier: MIT
-- An event, and something behind it.
-- ends: door json-syntax
-- post: {"case":"@case{}","event":"go"}{"case":"@case{}","event":"go"}
local honest = require "honest"
return playbook "post-and-more" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
