-- SPDX-License-Identifier: MIT
-- A policy whose table holds itself.
-- ends: refused unknown-field|policy-shape|unknown-param|unknown-key|wrong-type|limit-depth|policy
-- policy: local l = {} l.params = l return l
local honest = require "honest"
return playbook "policy-that-holds-itself" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
