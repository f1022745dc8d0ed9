-- SPDX-License-Identifier: MIT
return playbook "p" {
	params = { gala = text { default = "2026-12-24T18:00:00Z" } },
	data = { wait = span {} },
	event "at.noon" {},
	event "every.day" {},
	state "s" {
		at "tomorrow" { to = "s" },
		at "2026-02-30T00:00:00Z" { to = "s" },
		at(from "params.gala") { to = "s" },
		at(from "data.wait") { to = "s" },
		at(from "data.promised") { to = "s" },
		at "2026-12-24T18:00:00Z" { since = "go", to = "s" },
		at { "2026-12-24T18:00:00Z" },
		at "2026-12-24T18:00:00Z",
	},
}
