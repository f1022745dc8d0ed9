-- SPDX-License-Identifier: MIT
-- A parent that sends a child, which keeps everything for later, as much as it may.
-- ends: harmless
-- when: rounds
-- also: return playbook "child-that-is-deaf-also" { event "flood" {}, state "s" { on "flood" { defer = true } } }
local honest = require "honest"
return playbook "child-that-is-deaf" {
	uses = { honest },
	data = honest.data(),
	event "flood" {},
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "child-that-is-deaf-also" { id = "x" },
		after "1s" { act = function(case) for _ = 1, 30 do case:send { event = "flood", to = "child:x" } end end },
		on "error.invoke.x" {},
	},
}
