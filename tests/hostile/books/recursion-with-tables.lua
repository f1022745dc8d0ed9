-- SPDX-License-Identifier: MIT
-- Each level holds a table.
-- ends: faulted limit-memory|limit-stack
local honest = require "honest"
return playbook "recursion-with-tables" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local function deeper(t) return #deeper({ t }) end
			deeper({})
		end },
	},
}
