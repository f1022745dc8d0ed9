-- SPDX-License-Identifier: MIT
-- Makes a function out of text.
-- ends: mistake unknown-name
local honest = require "honest"
return playbook "load-of-text" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			load("while true do end")() --!
		end },
	},
}
