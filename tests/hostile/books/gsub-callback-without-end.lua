-- SPDX-License-Identifier: MIT
-- The loop stands in a function that C calls.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "gsub-callback-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			("x"):gsub("x", function() while true do end end) --!
		end },
	},
}
