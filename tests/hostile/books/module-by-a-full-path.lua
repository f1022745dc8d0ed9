-- SPDX-License-Identifier: MIT
-- A module by its place on the disk.
-- ends: refused bad-module-name
local honest = require "honest"
local secret = require "/etc/passwd" --!
return playbook "module-by-a-full-path" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work() },
}
