-- SPDX-License-Identifier: MIT
-- A guard whose answer is a table.
-- ends: mistake wrong-answer
local honest = require "honest"
return playbook "guard-that-answers-nonsense" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { when = function() return {} end }, --!
	},
}
