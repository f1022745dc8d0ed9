-- SPDX-License-Identifier: MIT
-- The variable lies two functions deep.
-- ends: refused upvalue-write
local honest = require "honest"
local function counter()
	local calls = 0
	return function()
		local function add() calls = calls + 1 end --!
		add()
	end
end
return playbook "counter-in-a-closure" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" { honest.work(), on "go" { act = counter() } },
}
