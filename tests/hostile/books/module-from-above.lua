-- SPDX-License-Identifier: MIT
-- A module that lies outside of every root.
-- ends: refused bad-module-name
local honest = require "honest"
local secret = require "../../../etc/passwd" --!
return playbook "module-from-above" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work() },
}
