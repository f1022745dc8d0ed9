-- SPDX-License-Identifier: MIT
-- Adds to the table that it goes through: pairs shows what was there when it began.
-- ends: harmless
local honest = require "honest"
return playbook "pairs-that-grows" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = { a = 1 }
			for key in pairs(t) do t[key .. "a"] = 1 end
			assert(t.aa == 1 and t.aaa == nil)
		end },
	},
}
