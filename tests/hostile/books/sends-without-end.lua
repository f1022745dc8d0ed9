-- SPDX-License-Identifier: MIT
-- Sends for ever.
-- ends: faulted limit-effects
local honest = require "honest"
return playbook "sends-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			while true do case:send { event = "ok", to = "nobody" } end --!
		end },
	},
}
