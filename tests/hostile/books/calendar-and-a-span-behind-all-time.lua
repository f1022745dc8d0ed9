-- SPDX-License-Identifier: MIT
-- So many business days that there is no end.
-- ends: refused span-overflow|business-span|calendar-range|bad-span|span
local honest = require "honest"
return playbook "calendar-and-a-span-behind-all-time" {
	uses = { honest },
	data = honest.data(),
	calendar "c" { zone = "Europe/London", week = { mon = "08:00-08:01" } },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work(), after "99999999999999999999 business days" {} --!
 },
}
