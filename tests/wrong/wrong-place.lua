-- SPDX-License-Identifier: MIT
return playbook "p" {
	on "go" { to = "s" },
	entry(function() end),
	after "10m" { to = "s" },
	state "s" {
		playbook "q" {},
		from "params.x",
	},
	final "done" {
		event "go" {},
		effect "tell" {}, state "t" {}, on "go" {} },
	parallel "both" { final "end" {}, state "a" {}, state "b" {} },
	group { group { always { to = "s" } } },
}
