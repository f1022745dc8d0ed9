-- SPDX-License-Identifier: MIT
return playbook "p" {
	state "s" {
		on "go",
		state "t",
		entry,
		always,
	},
	event "go" {},
}
