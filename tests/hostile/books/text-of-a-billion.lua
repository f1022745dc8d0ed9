-- SPDX-License-Identifier: MIT
-- Wants a text of a billion bytes at once.
-- ends: mistake out-of-bounds
local honest = require "honest"
return playbook "text-of-a-billion" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(1e9) --!
		end },
	},
}
