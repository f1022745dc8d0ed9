-- SPDX-License-Identifier: MIT
-- Uses places that are far apart, so that an array would be huge.
-- ends: harmless
local honest = require "honest"
return playbook "keys-far-apart" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local t = {}
			for i = 0, 62 do t[1 << i] = i end
			t[math.maxinteger] = 1
			t[math.mininteger] = 1
			t[1e300] = 1
			assert(t[1 << 40] == 40)
		end },
	},
}
