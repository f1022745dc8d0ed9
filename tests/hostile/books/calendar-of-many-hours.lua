-- SPDX-License-Identifier: MIT
-- A day with ten thousand pieces of hours.
-- ends: refused calendar-hours|limit-text|too-many-hours
local honest = require "honest"
local hours = {}
for i = 1, 10000 do hours[i] = ("%02d:%02d-%02d:%02d"):format(i // 60 % 24, i % 60, i // 60 % 24, i % 60 + 1) end
hours = table.concat(hours, ", ")
return playbook "calendar-of-many-hours" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "Europe/London", week = { mon = hours } --!
 },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work() },
}
