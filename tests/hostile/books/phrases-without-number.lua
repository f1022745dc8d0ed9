-- SPDX-License-Identifier: MIT
-- A hundred and fifty thousand phrases.
-- ends: refused limit-phrases|limit-names|limit-instructions
-- policy: local l = {} for i = 1, 150000 do l["a" .. i] = "x" end return { phrases = { en = l } }
local honest = require "honest"
return playbook "phrases-without-number" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work() },
}
