-- SPDX-License-Identifier: MIT
-- An iterator that remembers how far it came, for all cases.
-- ends: refused upvalue-iterator
local honest = require "honest"
local words = ("a b c"):gmatch "%a"
return playbook "iterator-kept" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { act = function(case) case.data.said = words() end } },
}
