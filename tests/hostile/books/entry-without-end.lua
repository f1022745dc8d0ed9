-- SPDX-License-Identifier: MIT
-- An entry block that loops: the state was left already, and is not.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "entry-without-end" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { to = "trap" } },
	state "trap" { entry(function() while true do end end) }, --!
}
