-- SPDX-License-Identifier: MIT
-- Counts the characters of a long text, again and again.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "utf8-for-ever" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("é"):rep(30000)
			while true do utf8.len(s) end --!
		end },
	},
}
