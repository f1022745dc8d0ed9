-- SPDX-License-Identifier: MIT
-- A name that C would cut.
-- ends: refused bad-module-name
local honest = require "honest"
local secret = require "honest\0.." --!
return playbook "module-with-a-zero-byte" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work() },
}
