-- SPDX-License-Identifier: MIT
-- A policy that wants a file.
-- ends: refused values-only
-- policy: return { params = { names = { io.open("/etc/passwd"):read() } } }
local honest = require "honest"
return playbook "policy-with-a-library" {
	uses = { honest },
	params = { limit = integer { default = 1 }, names = list { of = text {} }, any = any {} },
	data = honest.data(),
	state "work" { honest.work() },
}
