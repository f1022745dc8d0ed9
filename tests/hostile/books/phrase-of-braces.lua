-- SPDX-License-Identifier: MIT
-- A phrase that is nothing but braces.
-- ends: refused phrase-placeholder
-- policy: return { phrases = { en = { ["a"] = "@60001<{>" } } }
local honest = require "honest"
return playbook "phrase-of-braces" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
