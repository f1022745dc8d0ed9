-- SPDX-License-Identifier: MIT
-- It asks again as soon as nobody answered.
-- ends: faulted limit-own-steps
-- when: rounds
local honest = require "honest"
return playbook "ask-that-nobody-answers" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	effect "question" {},
	event "done.ask.question" {},
	state "work" {
		honest.work(),
		on { "go", "error.ask.question" } { act = function(case)
			case:ask("question", { timeout = "1us" }) --!
		end },
	},
}
