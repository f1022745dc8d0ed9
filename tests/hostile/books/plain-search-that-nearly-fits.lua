-- SPDX-License-Identifier: MIT
-- Every place nearly matches.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "plain-search-that-nearly-fits" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			(("a"):rep(60000)):find(("a"):rep(30000) .. "b", 1, true) --!
		end },
	},
}
