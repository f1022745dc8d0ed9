-- SPDX-License-Identifier: MIT
-- Frontiers everywhere.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pattern-of-frontiers" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			for _ = 1, 1e9 do (("a "):rep(30000)):gsub("%f[%a]a-%f[%A]", "") end --!
		end },
	},
}
