-- SPDX-License-Identifier: MIT
-- Puts a long text between all bytes.
-- ends: faulted limit-memory|limit-text|limit-names|limit-instructions
local honest = require "honest"
return playbook "gsub-between-all" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(60000)
			s:gsub("", s) --!
		end },
	},
}
