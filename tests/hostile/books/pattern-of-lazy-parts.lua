-- SPDX-License-Identifier: MIT
-- Parts that are as short as they can be, and go back again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pattern-of-lazy-parts" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			(("a"):rep(5000)):find(".-.-.-.-.-b") --!
		end },
	},
}
