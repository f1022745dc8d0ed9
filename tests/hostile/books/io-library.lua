-- SPDX-License-Identifier: MIT
-- Asks for a file.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "io-library" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			io.open("/etc/passwd") --!
		end },
	},
}
