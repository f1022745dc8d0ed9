-- SPDX-License-Identifier: MIT
-- Puts another environment in place of that of every function in the file.
-- ends: refused upvalue-write
local honest = require "honest"
return playbook "environment-for-all" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { act = function() _ENV = {} end } }, --!
}
