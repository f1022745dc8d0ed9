-- SPDX-License-Identifier: MIT
-- What it found has to come again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pattern-that-refers-back" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			(("a"):rep(4000)):find("(a*)(a*)%1%2%1%2b") --!
		end },
	},
}
