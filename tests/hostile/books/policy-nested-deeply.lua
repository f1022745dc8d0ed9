-- SPDX-License-Identifier: MIT
-- Tables within tables.
-- ends: refused limit-depth|unknown-field|unknown-key|wrong-type|policy|unknown-param
-- policy: local t = {} for i = 1, 100000 do t = { params = t } end return t
local honest = require "honest"
return playbook "policy-nested-deeply" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
