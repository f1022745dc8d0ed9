-- SPDX-License-Identifier: MIT
-- Says what it found nine times over, again and again.
-- ends: faulted limit-instructions|limit-text|limit-memory
local honest = require "honest"
return playbook "gsub-captures-that-multiply" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = "xxxxxxxxxx"
			for _ = 1, 9 do s = s:gsub("x*", "%0%0%0%0%0%0%0%0%0") end --!
		end },
	},
}
