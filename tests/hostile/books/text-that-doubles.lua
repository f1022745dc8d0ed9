-- SPDX-License-Identifier: MIT
-- Doubles a text.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "text-that-doubles" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = "x"
			while true do s = s .. s end --!
		end },
	},
}
