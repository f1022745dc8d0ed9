-- SPDX-License-Identifier: MIT
-- It finds nothing, at every place.
-- ends: faulted limit-instructions|limit-memory|limit-text
local honest = require "honest"
return playbook "pattern-that-finds-nothing-everywhere" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			for _ = 1, 1e9 do (("a"):rep(60000)):gsub("", "") end --!
		end },
	},
}
