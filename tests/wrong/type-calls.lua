-- SPDX-License-Identifier: MIT
return playbook "p" {
	data = { a = text "x", b = integer(5), c = list(text {}), d = fields "x" },
	state "s" {},
}
