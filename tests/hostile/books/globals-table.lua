-- SPDX-License-Identifier: MIT
-- Looks for the table of all names.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "globals-table" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			_G.string = nil --!
		end },
	},
}
