-- SPDX-License-Identifier: MIT
-- Another playbook than the case's.
-- ends: door wrong-playbook
-- post: {"case":"@case{}","playbook":"beside","event":"ok"}
local honest = require "honest"
return playbook "post-another-playbook" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
