-- SPDX-License-Identifier: MIT
-- A name of an event with letters that look alike.
-- ends: mistake unknown-event
local honest = require "honest"
return playbook "unicode-in-a-name" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:raise "о\u{301}k" --!
		end },
	},
}
