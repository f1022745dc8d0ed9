-- SPDX-License-Identifier: MIT
-- Doubles a text through %s.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "format-that-doubles" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = "x"
			while true do s = ("%s%s"):format(s, s) end --!
		end },
	},
}
