-- SPDX-License-Identifier: MIT
-- Copies an ever longer text for each character.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "text-that-grows-by-one" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ""
			while true do s = s .. "x" end --!
		end },
	},
}
