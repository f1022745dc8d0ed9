-- SPDX-License-Identifier: MIT
-- An exit block that loops.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "exit-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		exit(function() while true do end end), --!
		on "go" { to = "over" },
	},
	final "over" {},
}
