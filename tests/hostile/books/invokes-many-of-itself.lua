-- SPDX-License-Identifier: MIT
-- Each invokes as many as it may of itself, at once.
-- ends: faulted limit-children
local honest = require "honest"
local some = {}
for i = 1, 80 do some[i] = invoke "invokes-many-of-itself" { id = "n" .. i } end --!
local many = group(some)
return playbook "invokes-many-of-itself" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" { honest.work(), many },
}
