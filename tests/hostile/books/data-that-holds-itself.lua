-- SPDX-License-Identifier: MIT
-- A table that is its own member.
-- ends: mistake limit-depth
local honest = require "honest"
return playbook "data-that-holds-itself" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			t.t = t
			case.data.x = t --!
		end },
	},
}
