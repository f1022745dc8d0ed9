-- SPDX-License-Identifier: MIT
-- Asks for a shell.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "os-library" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			os.execute("true") --!
		end },
	},
}
