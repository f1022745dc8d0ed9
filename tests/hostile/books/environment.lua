-- SPDX-License-Identifier: MIT
-- Writes into its environment.
-- ends: mistake locked
local honest = require "honest"
return playbook "environment" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			_ENV.string.upper = nil --!
		end },
	},
}
