-- SPDX-License-Identifier: MIT
-- A policy whose value is a function.
-- ends: refused values-only
-- policy: return { params = { limit = function() end } }
local honest = require "honest"
return playbook "policy-that-is-a-function" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
