-- SPDX-License-Identifier: MIT
-- Makes every character.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "characters-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 0x10FFFF do t[i] = utf8.char(i) .. i end --!
		end },
	},
}
