-- SPDX-License-Identifier: MIT
-- Goes around what locks the library.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "rawset-on-a-library" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			rawset(string, "upper", nil) --!
		end },
	},
}
