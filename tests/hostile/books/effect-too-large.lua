-- SPDX-License-Identifier: MIT
-- One effect of more bytes than a line may have.
-- ends: faulted limit-text
local honest = require "honest"
return playbook "effect-too-large" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:effect("tell", { text = ("x"):rep(60000) .. ("y"):rep(60000) }) --!
		end },
	},
}
