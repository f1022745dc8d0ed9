-- SPDX-License-Identifier: MIT
-- Keeps in a variable of the file what all its cases would share.
-- ends: refused upvalue-write
local honest = require "honest"
local calls = 0
local function count() calls = calls + 1 end --!
return playbook "counter-in-a-variable" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { act = count } },
}
