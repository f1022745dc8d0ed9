-- SPDX-License-Identifier: MIT
-- An error whose message is no text that a journal could hold.
-- ends: mistake error-execution
local honest = require "honest"
return playbook "error-that-is-not-utf8" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			error("\xff\xfe\0\xed\xa0\x80\"}{\n") --!
		end },
	},
}
