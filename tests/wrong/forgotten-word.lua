-- SPDX-License-Identifier: MIT
return playbook "p" {
	initial = "waiting",
	"waiting" {},
}
