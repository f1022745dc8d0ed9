-- SPDX-License-Identifier: MIT
-- A policy with a value that holds itself.
-- ends: refused limit-depth
-- policy: local t = {} t.t = t return { params = { any = t } }
local honest = require "honest"
return playbook "policy-too-deep" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
