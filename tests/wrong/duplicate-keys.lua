-- SPDX-License-Identifier: MIT
-- Of two equal keys Lua would keep one and say nothing.
local function waiting() return { to = "a", to = "b" } end
return playbook "p" {
	title = "once", ["title"] = "twice",
	data = {
		n = integer {},
		n = text {},
	},
	event "go" { x = text {}, ['\x78'] = text {} },
	state "a" { on "go" { to = "b", because = "first", to = "c" }, [1] = on "go" {} },
	state "b" {}, state "c" {},
	[0x1] = 1, [1.0] = 2,
}
