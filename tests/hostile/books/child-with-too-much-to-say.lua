-- SPDX-License-Identifier: MIT
-- A child whose last word is as large as may be.
-- ends: harmless
-- when: rounds
-- also: return playbook "child-with-too-much-to-say-also" { final "s" { donedata = function() local l = {} for i = 1, 64 do l[i] = ("x"):rep(60000) end return { l = l } end } }
local honest = require "honest"
return playbook "child-with-too-much-to-say" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "child-with-too-much-to-say-also" { id = "x" },
		on { "done.invoke.x", "error.invoke.x" } {},
	},
}
