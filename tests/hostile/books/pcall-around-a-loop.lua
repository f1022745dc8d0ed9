-- SPDX-License-Identifier: MIT
-- Would go on behind its own breach.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "pcall-around-a-loop" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			pcall(function() while true do end end) --!
		end },
	},
}
