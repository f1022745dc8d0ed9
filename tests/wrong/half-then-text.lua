-- SPDX-License-Identifier: MIT
return playbook "p" {
	state "s" "t",
	event "go" (5),
}
