-- SPDX-License-Identifier: MIT
return playbook "p" {
	[1] = state "s" {},
	[3] = state "t" {},
}
