-- SPDX-License-Identifier: MIT
-- The core performs no I/O, reads no clock but one, and takes no memory but
-- the host's. A comment cannot promise that; the symbols that the object files
-- ask for can. What is not listed here is refused, so that whoever needs more
-- of the C library adds it where others see it.
--
--   lua5.4 outside_calls.lua ROOT OBJDUMP ARCHIVE…

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

-- Functions of their arguments alone, and what compilers put in.
local PURE = [[
	memchr memcmp memcpy memmem memmove memset strchr strcmp strcpy strlen strncmp strrchr strstr strnlen strspn strcspn strpbrk
	snprintf vsnprintf qsort bsearch abort
	floor ceil fmod trunc pow ldexp frexp modf
	_GLOBAL_OFFSET_TABLE_ __stack_chk_fail
]]

-- What one file, or a whole room, may ask for besides.
local BESIDES = {
	["base/alloc.c"] = "realloc free", -- apl_alloc_system, for hosts that bring no allocator
	["base/assert.c"] = "fprintf stderr", -- the last words of a process
	["base/hash.c"] = "SHA256Init SHA256Update SHA256Final __cpu_model", -- the compiler's own word for which machine this is
	["store"] = "sqlite3_*", -- SQLite takes its memory from the C library: it can be given another only for a whole process
	["store/sqlite_copy.c"] = "open close fsync rename unlink stat lstat __errno_location strerror", -- a file gets its name when it is whole
	["store/sqlite_examine.c"] = "strtoll", -- the row in a message of ours
	["time/clock.c"] = "clock_gettime",
	["time/ical.c"] = "dlopen dlsym dlclose free", -- libical, when an .ics file is read: it brings ICU along, which nobody else should load
	["time/zone_glib.c"] = "g_time_zone_*", -- GLib's memory is its own: it takes no allocator
	["value/number.c"] = "strtod strtol",
	["lua/host.c"] = "fprintf stderr strtoul", -- the same, and the line in a message of Lua's
	["lua/files.c"] = "strtoul", -- which file a chunk is of
	["lua"] = "lua_* luaL_* luaopen_* newlocale uselocale freelocale",
	["scxml/xml.c"] = "XML_*", -- and what expat asks for: it has no way to take a host's memory
	["api/json_api.c"] = "malloc realloc free", -- aplomb_value_write gives text away without a runtime
	["api/playbook.c"] = "fopen fclose fread ferror fstat fileno __errno_location strerror", -- aplomb_load_file
	["api/sources.c"] = "fopen fclose fread ferror stat fstat fileno __errno_location strerror opendir readdir closedir", -- its modules
}

local function allowed_by(list, name)
	for word in list:gmatch("%S+") do
		local prefix = word:match("^(.*)%*$")
		if word == name or (prefix and name:sub(1, #prefix) == prefix) then return true end
	end
	return false
end

local looked = 0
for i = 3, #arg do
	local room = arg[i]:match("libapl_(%w+)%.a$")
	local pipe = assert(io.popen(tree.quoted(arg[2]) .. " -t " .. tree.quoted(arg[i])))
	local object
	for line in pipe:lines() do
		object = line:match("^(.-)%.o:%s+file format") or object
		local name = line:match("%*UND%*.-(%S+)$")
		if name and not name:match("^apl_") and not name:match("^aplomb_") then
			looked = looked + 1
			-- __memcpy_chk and the like are what a hardened build makes of memcpy.
			local plain = name:gsub("^__(%w+)_chk$", "%1"):gsub("^__isoc99_", "")
			local file = room .. "/" .. object
			if not allowed_by(PURE, plain) and not allowed_by(BESIDES[file] or "", plain) and not allowed_by(BESIDES[room] or "", plain) then
				tree.complain("runtime/" .. file, nil, "asks for %s; tests/house/outside_calls.lua says who may", name)
			end
		end
	end
	assert(pipe:close(), "objdump failed")
end

assert(looked > 0, "there was nothing to look at")
tree.finish("%d calls of %d rooms to the outside, all of them allowed", looked, #arg - 2)
