-- SPDX-License-Identifier: MIT
-- Few tables, but each stands twice in the next: written out, they are two to the fifteenth.
-- ends: faulted limit-data
local honest = require "honest"
return playbook "data-that-branches" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = { "leaf" }
			for _ = 1, 14 do t = { t, t } end
			case.data.x = t --!
		end },
	},
}
