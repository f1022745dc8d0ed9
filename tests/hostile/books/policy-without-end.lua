-- SPDX-License-Identifier: MIT
-- A policy that loops.
-- ends: refused limit-instructions
-- policy: while true do end
local honest = require "honest"
return playbook "policy-without-end" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
