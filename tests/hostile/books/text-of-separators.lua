-- SPDX-License-Identifier: MIT
-- Hides the length in the separator.
-- ends: mistake out-of-bounds
local honest = require "honest"
return playbook "text-of-separators" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(100000, ("y"):rep(1000)) --!
		end },
	},
}
