-- SPDX-License-Identifier: MIT
-- Brackets that are never balanced.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pattern-of-balanced-brackets" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			for _ = 1, 1e9 do (("("):rep(60000)):find "%b()" end --!
		end },
	},
}
