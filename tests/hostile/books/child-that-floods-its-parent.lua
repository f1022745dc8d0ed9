-- SPDX-License-Identifier: MIT
-- A child that sends its parent as much as it may, and then again.
-- ends: harmless
-- when: rounds
-- memory: 12
-- also: local function more(case) for i = 1, 8 do case:send { event = "flood", to = "parent", data = { text = ("x"):rep(20) } } end case:send { event = "round" } end return playbook "child-that-floods-its-parent-also" { event "flood" { text = text {} }, event "round" {}, state "s" { entry(more), on "round" { act = more } } }
local honest = require "honest"
return playbook "child-that-floods-its-parent" {
	uses = { honest },
	data = honest.data(),
	event "flood" { text = text {} },
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "child-that-floods-its-parent-also" { id = "x" },
		on "flood" {},
		on "error.invoke.x" {},
	},
}
