-- SPDX-License-Identifier: MIT
-- Repeats nothing, which takes no memory, but time.
-- ends: harmless
local honest = require "honest"
return playbook "text-of-nothing-a-billion-times" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			assert((""):rep(1 << 40) == "")
		end },
	},
}
