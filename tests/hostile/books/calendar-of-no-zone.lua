-- SPDX-License-Identifier: MIT
-- A zone that is a path.
-- ends: refused calendar-zone
local honest = require "honest"
return playbook "calendar-of-no-zone" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "../../../etc/passwd", week = { mon = "08:00-08:01" } },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work() },
}
