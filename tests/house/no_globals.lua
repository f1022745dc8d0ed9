-- SPDX-License-Identifier: MIT
-- The library keeps nothing between two runtimes: no object file of a room
-- has a variable that can be written. (What only holds addresses, and is
-- written by the loader alone, lies in .data.rel.ro and is fine.)
--
--   lua5.4 no_globals.lua ROOT OBJDUMP ARCHIVE…

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

local looked = 0
for i = 3, #arg do
	local archive = arg[i]:match("[^/]+$")
	local pipe = assert(io.popen(tree.quoted(arg[2]) .. " -t " .. tree.quoted(arg[i])))
	local object
	for line in pipe:lines() do
		object = line:match("^(.-%.o):%s+file format") or object
		-- address, flags (o: a thing, not a function), section, size, name
		local flags, section, size, name = line:match("^%x+ (.......) (%S+)%s+(%x+)%s.-(%S+)$")
		if flags then looked = looked + 1 end
		local can_be_written = section
			and (section:match("^%.bss") or section:match("^%.tbss") or section:match("^%.tdata") or section == "*COM*"
				or (section:match("^%.data") and not section:match("^%.data%.rel%.ro")))
		if can_be_written and tonumber(size, 16) > 0 and flags:sub(7, 7) == "O" then
			tree.complain(archive, nil, "%s keeps the variable %s (%s); give it to a struct that somebody owns, or make it const", object, name, section)
		end
	end
	assert(pipe:close(), "objdump failed")
end

assert(looked > 0, "there was nothing to look at")
tree.finish("%d symbols of %d rooms: no variable that can be written", looked, #arg - 2)
