-- SPDX-License-Identifier: MIT
-- Bytes that are no text.
-- ends: door json-text
-- post: {"case":"@case{}","event":"go","data":{"s":"@bytes{c0af}"}}
local honest = require "honest"
return playbook "post-bad-utf8" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
