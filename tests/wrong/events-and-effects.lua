-- SPDX-License-Identifier: MIT
return playbook "p" {
	event "go" { n = 5, "x", m = integer { max = "a lot" } },
	effect "tell" { whom = text, because = text { requred = true } },
	state "s" {},
}
