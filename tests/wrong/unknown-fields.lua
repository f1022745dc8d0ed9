-- SPDX-License-Identifier: MIT
return playbook "p" {
	titel = "A title",
	state "s" {
		inital = "t",
		on "go" { too = "t", becuase = "why", with = 1 },
		always { event = "go" },
		after "1h" { sinse = "go", to = "t" },
		state "t" { outcome = "x" },
	},
	parallel "both" { initial = "a", state "a" {}, state "b" {} },
	final "done" { outcom = "ok" },
	event "go" {},
}
