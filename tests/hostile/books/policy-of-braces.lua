-- SPDX-License-Identifier: MIT
-- A policy of a hundred thousand braces.
-- ends: refused limit-depth
-- policy: return @100000{{}
local honest = require "honest"
return playbook "policy-of-braces" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
