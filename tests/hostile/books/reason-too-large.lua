-- SPDX-License-Identifier: MIT
-- The reason of an effect is what is large.
-- ends: faulted limit-text
local honest = require "honest"
return playbook "reason-too-large" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case:effect("tell", { text = "x" }, { because = ("x"):rep(60000) .. ("y"):rep(60000) }) --!
		end },
	},
}
