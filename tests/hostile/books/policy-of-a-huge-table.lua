-- SPDX-License-Identifier: MIT
-- A policy that names what nobody asked for, a hundred thousand times.
-- ends: refused limit-instructions|limit-names|unknown-param|policy-shape|unknown-key|unknown-field|limit-findings
-- policy: local l = {} for i = 1, 100000 do l["p" .. i] = i end return { params = l }
local honest = require "honest"
return playbook "policy-of-a-huge-table" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
