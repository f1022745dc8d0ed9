-- SPDX-License-Identifier: MIT
-- Writes a large value for ever: each time it is copied, and hashed.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "write-large-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 2000 do t[i] = i end
			while true do case.data.x = t end --!
		end },
	},
}
