-- SPDX-License-Identifier: MIT
-- One minute a week, and what takes years of them.
-- ends: mistake calendar-range
local honest = require "honest"
local delays = {}
for i = 1, 40 do delays[i] = after "100000 business minutes" {} end --!
local many = group(delays)
return playbook "calendar-that-is-hardly-ever-open" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "Europe/London", week = { mon = "08:00-08:01" } },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work(), many },
}
