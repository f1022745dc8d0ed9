-- SPDX-License-Identifier: MIT
-- An envelope of version 999.
-- ends: door envelope-version
-- post: {"v":999,"case":"@case{}","event":"go"}
local honest = require "honest"
return playbook "post-a-version-to-come" {
	uses = { honest },
	data = honest.data(),
	event "go" { x = any {}, s = text {}, n = integer {} },
	state "work" { honest.work(), on "go" { act = "data.n = event.n" } },
}
