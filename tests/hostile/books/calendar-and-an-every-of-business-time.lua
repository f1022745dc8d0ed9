-- SPDX-License-Identifier: MIT
-- A business minute, again and again.
-- ends: harmless
local honest = require "honest"
return playbook "calendar-and-an-every-of-business-time" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "Europe/London", week = { ["mon-sun"] = "00:00-24:00" } },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work(), every "1 business minute" {} },
}
