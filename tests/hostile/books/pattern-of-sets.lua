-- SPDX-License-Identifier: MIT
-- A set of many, at each byte.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "pattern-of-sets" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function()
			for _ = 1, 1e9 do (("a"):rep(60000)):find("[" .. ("b"):rep(240) .. "]") end --!
		end },
	},
}
