-- SPDX-License-Identifier: MIT
return playbook "p" {
	state "s" {},
