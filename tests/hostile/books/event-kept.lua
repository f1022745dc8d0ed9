-- SPDX-License-Identifier: MIT
-- Keeps the event in a table of the file.
-- ends: mistake frozen-table
local honest = require "honest"
local box = {}
return playbook "event-kept" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case, event)
			box.event = event --!
		end },
	},
}
