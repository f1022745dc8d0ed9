-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" {},
	final "done" { on "go" { to = "s" } },
	state "s" {
		history "h" {},
		history "i" { default = "elsewhere" },
		initial = { to = "t", actt = function() end },
		state "t" {},
	},
	state "empty-start" { initial = { act = function() end }, state "u" {} },
}
