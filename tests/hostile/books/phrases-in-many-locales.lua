-- SPDX-License-Identifier: MIT
-- Thousands of locales.
-- ends: refused limit-phrases|bad-locale|limit-names|unused-phrase|phrase-unused|wrong-type|unknown-locale|phrase-locale
-- policy: local l = {} for i = 1, 30000 do l["x" .. i] = { ["a.b"] = "x" } end return { phrases = l }
local honest = require "honest"
return playbook "phrases-in-many-locales" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
