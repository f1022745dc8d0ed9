-- SPDX-License-Identifier: MIT
-- Lua looks an item at the end of a line up when it is in the next one already.
return playbook "p" {
	event "go" {}, made,
	state "s" {},
}
