-- SPDX-License-Identifier: MIT
-- A policy that answers when it is asked.
-- ends: refused values-only
-- policy: return setmetatable({}, { __index = function() while true do end end, __pairs = function() while true do end end })
local honest = require "honest"
return playbook "policy-with-a-metatable" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
