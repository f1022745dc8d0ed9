-- SPDX-License-Identifier: MIT
-- A guard of a transition that waits for no event.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "always-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = "data.n = -1" },
		always { when = function(case) while case.data.n == -1 do end end, to = "over" }, --!
	},
	final "over" {},
}
