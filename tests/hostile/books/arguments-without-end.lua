-- SPDX-License-Identifier: MIT
-- Packs its arguments together with what it packed before.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "arguments-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local function more(...) return table.pack(table.pack(...), ...) end
			local t = {}
			while true do t = more(t, t, t) end
		end },
	},
}
