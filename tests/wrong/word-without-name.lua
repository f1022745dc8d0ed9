-- SPDX-License-Identifier: MIT
return playbook "p" {
	state {},
	on { to = "s" },
	final(5) {},
	event() {},
}
