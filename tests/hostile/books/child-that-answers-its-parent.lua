-- SPDX-License-Identifier: MIT
-- A child and its parent that answer each other.
-- ends: faulted limit-hops
-- when: rounds
-- also: return playbook "child-that-answers-its-parent-also" { event "answer" {}, state "s" { entry(function(case) case:send { event = "answer", to = "parent" } end), on "answer" { act = function(case) case:send { event = "answer", to = "parent" } end } } }
local honest = require "honest"
return playbook "child-that-answers-its-parent" {
	uses = { honest },
	data = honest.data(),
	event "answer" {},
	event "go" {},
	state "work" { honest.work(), on "go" { to = "evil" } },
	state "evil" {
		honest.work(),
		invoke "child-that-answers-its-parent-also" { id = "x" },
		on "answer" { act = function(case)
			case:send { event = "answer", to = "child:x" } --!
		end },
	},
}
