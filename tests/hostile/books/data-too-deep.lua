-- SPDX-License-Identifier: MIT
-- Nests a value deeper than any journal should hold.
-- ends: mistake limit-depth
local honest = require "honest"
return playbook "data-too-deep" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for _ = 1, 100 do t = { t } end
			case.data.x = t --!
		end },
	},
}
