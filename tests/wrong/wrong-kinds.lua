-- SPDX-License-Identifier: MIT
return playbook "p" {
	title = 5,
	version = {},
	initial = true,
	params = "none",
	data = { n = 5, t = text, f = function() end, d = { 1 } },
	state "s" {
		on "go" { to = 5, when = "data.n > 1", act = "x", because = 7, internal = "yes" },
		on "go" { act = { "x" }, to = {} },
		on "go" { act = {}, when = true },
		on "go" { act = tostring },
	},
	event "go" {},
}
