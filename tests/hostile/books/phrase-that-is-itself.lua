-- SPDX-License-Identifier: MIT
-- A phrase that says itself.
-- ends: refused phrase-placeholder|unknown-field|phrase-argument
-- policy: return { phrases = { en = { ["a"] = "{a}{phrase.a}" } } }
local honest = require "honest"
return playbook "phrase-that-is-itself" {
	uses = { honest },
	data = honest.data(),
	params = { limit = integer { default = 1 } },
	event "go" {},
	state "work" { honest.work(), on "go" { act = function(case) case:log("info", case:phrase "a") end } },
}
