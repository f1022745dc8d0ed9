-- SPDX-License-Identifier: MIT
-- A policy that calls itself.
-- ends: refused limit-stack|limit-instructions|lua-error
-- policy: local function f() return 1 + f() end return f()
local honest = require "honest"
return playbook "policy-that-recurses" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
