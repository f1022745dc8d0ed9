-- SPDX-License-Identifier: MIT
-- A finalizer, which would run with hooks off.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "metatable-with-gc" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			setmetatable({}, { __gc = function() while true do end end }) --!
		end },
	},
}
