-- SPDX-License-Identifier: MIT
return playbook "p" {
	stat "waiting" {},
}
