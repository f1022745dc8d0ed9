-- SPDX-License-Identifier: MIT
-- A million holidays.
-- ends: refused calendar-date|limit-names|limit-memory|limit-instructions
local honest = require "honest"
local days = {}
for i = 1, 1000000 do days[("%04d-%02d-%02d"):format(1970 + i // 372 % 300, i // 31 % 12 + 1, i % 28 + 1)] = "day " .. i end
for i = 1, 20000 do days["d" .. i] = "x" end
return playbook "calendar-of-a-million-holidays" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "Europe/London", week = { mon = "08:00-09:00" }, holidays = days },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work() },
}
