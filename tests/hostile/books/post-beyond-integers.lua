-- SPDX-License-Identifier: MIT
-- An integer of 65 bits.
-- ends: door json-number
-- post: {"case":"@case{}","event":"go","data":{"n":18446744073709551616}}
local honest = require "honest"
return playbook "post-beyond-integers" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
