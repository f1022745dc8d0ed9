-- SPDX-License-Identifier: MIT
-- Puts another environment in place of its own, which is its own affair.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "environment-of-its-own" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local _ENV = { string = {} }
			local x = string.upper("x") --!
		end },
	},
}
