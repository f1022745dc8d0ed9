-- SPDX-License-Identifier: MIT
-- A thousand counters of everything.
-- ends: harmless
-- times: 40
local honest = require "honest"
local counters = {}
for i = 1, 1000 do counters[i] = counter("c" .. i) { of = "*", window = "100000d" } end
local many = group(counters)
return playbook "counters-of-everything" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	many,
	state "work" { honest.work(), on "go" {} },
}
