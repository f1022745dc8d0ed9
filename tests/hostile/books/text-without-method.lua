-- SPDX-License-Identifier: MIT
-- Looks for the tables behind texts.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "text-without-method" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local x = ("x").__index --!
		end },
	},
}
