-- SPDX-License-Identifier: MIT
-- A test that nobody runs proves nothing: every tests/unit/<room>/test_<file>.c
-- is registered, and stands under a room that exists.
--
--   lua5.4 unit_tests_registered.lua ROOT REGISTERED…

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

local _, place = tree.rooms()

local registered = {}
for i = 2, #arg do registered[arg[i]] = true end

local looked = 0
for _, path in ipairs(tree.files()) do
	local room, name = path:match("^tests/unit/([^/]+)/(test_[^/]+%.c)$")
	if room then
		looked = looked + 1
		if not place[room] then tree.complain(path, nil, '"%s" is no room', room) end
		if not registered[path] then tree.complain(path, nil, "nobody runs %s; add it to tests/unit/%s/tests.cmake", name, room) end
	end
end

tree.finish("%d unit test programs are all registered", looked)
