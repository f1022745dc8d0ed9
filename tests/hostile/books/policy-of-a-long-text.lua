-- SPDX-License-Identifier: MIT
-- A parameter of a megabyte.
-- ends: refused limit-data|limit-text|wrong-type|limit-source
-- policy: return { params = { limit = "@1000000{x}" } }
local honest = require "honest"
return playbook "policy-of-a-long-text" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
