-- SPDX-License-Identifier: MIT
-- Would run where nobody counts.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "coroutine-without-hook" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			coroutine.wrap(function() while true do end end)() --!
		end },
	},
}
