-- SPDX-License-Identifier: MIT
-- Two functions hand on to each other.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "endless-tail-calls-in-a-ring" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local a, b
			function a(n) return b(n + 1) end
			function b(n) return a(n + 1) end
			a(1)
		end },
	},
}
