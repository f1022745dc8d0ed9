-- SPDX-License-Identifier: MIT
-- Puts a function of its own into the library.
-- ends: mistake locked
local honest = require "honest"
return playbook "library-overwritten" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			string.upper = function() return "spoilt" end --!
		end },
	},
}
