-- SPDX-License-Identifier: MIT
return playbook "p" {
	state "s" {
		entry(),
		entry("x", 5),
		exit { function() end },
		exit(print_it),
	},
}
