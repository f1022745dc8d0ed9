-- SPDX-License-Identifier: MIT
-- A phrase that is a megabyte long.
-- ends: refused limit-source|limit-text|limit-data|policy-shape|limit-memory
-- policy: return { phrases = { en = { ["a"] = "@1100000{x}" } } }
local honest = require "honest"
return playbook "phrase-of-a-megabyte" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
