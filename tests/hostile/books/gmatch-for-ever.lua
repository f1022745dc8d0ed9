-- SPDX-License-Identifier: MIT
-- Searches the same text for ever.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "gmatch-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("word "):rep(1000)
			while true do for _ in s:gmatch "%a+" do end end --!
		end },
	},
}
