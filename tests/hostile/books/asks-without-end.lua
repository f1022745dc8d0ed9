-- SPDX-License-Identifier: MIT
-- Asks for ever.
-- ends: faulted limit-effects
local honest = require "honest"
return playbook "asks-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	event "done.ask.q" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local n = 0
			while true do n = n + 1 case:ask("tell", { text = "well?", timeout = "1h" }, { id = "q" }) end --!
		end },
	},
}
