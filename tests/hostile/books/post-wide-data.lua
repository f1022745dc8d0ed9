-- SPDX-License-Identifier: MIT
-- Ten thousand members in a value that may be anything.
-- ends: harmless
-- post: {"case":"@case{}","event":"go","data":{"n":1,"x":{"a":[0@15000{,1}]}}}
local honest = require "honest"
return playbook "post-wide-data" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
