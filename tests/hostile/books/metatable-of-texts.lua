-- SPDX-License-Identifier: MIT
-- What all texts of the state share.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "metatable-of-texts" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			getmetatable("").__index = function() return "spoilt" end --!
		end },
	},
}
