-- SPDX-License-Identifier: MIT
-- Keeps many long texts.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "texts-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 1, 1e6 do t[i] = ("x"):rep(60000, "") end --!
		end },
	},
}
