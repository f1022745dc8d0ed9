-- SPDX-License-Identifier: MIT
-- A policy that fills memory.
-- ends: refused limit-memory
-- policy: local t = {} for i = 1, 1e9 do t[i] = {} end return t
local honest = require "honest"
return playbook "policy-that-fills-memory" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
