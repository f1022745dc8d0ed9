-- SPDX-License-Identifier: MIT
-- One log line of more bytes than it may have.
-- ends: faulted limit-data
local honest = require "honest"
return playbook "log-too-large" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			local s = ("x"):rep(60000)
			case:log("info", "large", { a = s, b = s }) --!
		end },
	},
}
