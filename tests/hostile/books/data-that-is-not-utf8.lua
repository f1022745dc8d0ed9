-- SPDX-License-Identifier: MIT
-- Bytes that are no text.
-- ends: mistake wrong-text
local honest = require "honest"
return playbook "data-that-is-not-utf8" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			case.data.said = "\xff\xfe\xed\xa0\x80" --!
		end },
	},
}
