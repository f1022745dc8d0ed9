-- SPDX-License-Identifier: MIT
-- Asks for a function's bytecode.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "string-dump" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			string.dump(function() end) --!
		end },
	},
}
