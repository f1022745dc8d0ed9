-- SPDX-License-Identifier: MIT
-- Asks for what sees everything.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "debug-library" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			debug.sethook() --!
		end },
	},
}
