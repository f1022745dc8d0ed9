-- SPDX-License-Identifier: MIT
-- Holds the drawing of the rooms (runtime/README.md) against every #include
-- and against the links that CMake was told of:
--
--   * a room includes only rooms to its left, and one that embeds the library
--     only include and itself;
--   * a header of somebody else is included only where it is allowed;
--   * what a room includes it also links (LEFT), and it links nothing that its
--     headers do not lead to.

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

local rooms, place, line_of_rooms = tree.rooms()

-- Headers of C itself that any room may use; they neither ask the world nor change it.
local LANGUAGE = {}
for name in ([[assert ctype errno float inttypes limits math stdalign stdarg stdbool stddef stdint stdio stdlib string]]):gmatch("%a+") do
	LANGUAGE[name .. ".h"] = true
end

-- Everything else: the header, and the files (or a whole room) that may include it.
local ALLOWED = {
	["xxhash.h"] = { "runtime/base/hash.c", "runtime/base/hash_avx2.c" },
	["sha2.h"] = { "runtime/base/hash.c" },
	["emmintrin.h"] = { "runtime/base/hash.c", "runtime/value/scan.h" },
	["expat.h"] = { "runtime/scxml/xml.c" },
	["glib.h"] = { "runtime/time/zone_glib.c" },
	["sqlite3.h"] = { "runtime/store/sqlite_inside.h" },
	["libical/ical.h"] = { "runtime/time/ical.c" },
	["dlfcn.h"] = { "runtime/time/ical.c" },
	["lua.h"] = { "runtime/lua/", "runtime/test/" },
	["lauxlib.h"] = { "runtime/lua/", "runtime/test/" },
	["lualib.h"] = { "runtime/lua/", "runtime/test/" },
	-- Replay needs the "C" locale, whatever the host has set; a drawing asks once which characters the terminal has.
	["locale.h"] = { "runtime/lua/", "runtime/value/", "runtime/cli/verb_draw.c", "runtime/repl/" },
	["time.h"] = { "runtime/time/clock.c", "runtime/cli/", "runtime/repl/" }, -- Nobody else reads a clock.
	-- The command is a program; it may touch what programs touch.
	["dirent.h"] = { "runtime/api/sources.c", "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["fcntl.h"] = { "runtime/store/sqlite_copy.c", "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["getopt.h"] = { "runtime/cli/" },
	["langinfo.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["signal.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["strings.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["sys/file.h"] = { "runtime/repl/history.c" },
	["sys/signalfd.h"] = { "runtime/repl/keyboard.c" },
	["sys/ioctl.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["sys/resource.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["sys/wait.h"] = { "runtime/cli/graphviz.c", "runtime/cli/worker.c", "runtime/repl/" },
	["sys/stat.h"] = { "runtime/store/sqlite_copy.c", "runtime/cli/", "runtime/tell/", "runtime/repl/", "runtime/api/playbook.c", "runtime/api/sources.c" },
	["sys/time.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["sys/types.h"] = { "runtime/cli/", "runtime/tell/", "runtime/repl/" },
	["poll.h"] = { "runtime/cli/worker.c", "runtime/tell/lines.c", "runtime/repl/" },
	["termios.h"] = { "runtime/repl/" },
	["wchar.h"] = { "runtime/repl/" },
	["histedit.h"] = { "runtime/repl/editor_inside.h" },
	["unistd.h"] = { "runtime/store/sqlite_copy.c", "runtime/cli/", "runtime/tell/", "runtime/repl/" },
}

local function is_allowed(path, header)
	for _, where in ipairs(ALLOWED[header] or {}) do
		if path == where or (where:sub(-1) == "/" and path:sub(1, #where) == where) then return true end
	end
	return false
end

-- Rooms that are programs: they see of the library what every program sees.
-- One starts another to its left by the one header that is called like it.
local EMBEDS = { tell = true, test = true, repl = true, cli = true }

local includes = {} -- room → room → where it is included first

local function look_at(path, room, number, header)
	local target = header:match("^(%a+)/")
	if header == "aplomb.h" or header:match("^aplomb_%a+%.h$") then
		target = "include"
	elseif not header:find("/", 1, true) and tree.exists("runtime/" .. room .. "/" .. header) then
		target = room
	elseif not place[target] then
		tree.complain(path, number, 'room "%s" includes "%s", which is in no room; write "<room>/<file>.h"', room, header)
		return
	end
	if not tree.exists("runtime/" .. target .. "/" .. header:match("[^/]+$")) then
		tree.complain(path, number, 'includes "%s", and there is no such file', header)
	end
	if target == room then return end
	if place[target] > place[room] then
		tree.complain(path, number, 'room "%s" includes "%s", but "%s" is to its right', room, header, target)
	elseif EMBEDS[room] and target ~= "include" and not (EMBEDS[target] and header == target .. "/" .. target .. ".h") then
		tree.complain(path, number, 'room "%s" embeds the library and includes "%s"; it may include only "aplomb.h", its own folder, and of a program to its left the header that is called like it', room, header)
	end
	includes[room] = includes[room] or {}
	includes[room][target] = includes[room][target] or (path .. ":" .. number)
end

local looked = 0
for _, path in ipairs(tree.files()) do
	local room = path:match("^runtime/([^/]+)/.*%.[ch]$")
	if room and not place[room] then
		tree.complain(path, nil, 'folder "%s" is not in the line of rooms (runtime/README.md)', room)
	elseif room then
		for number, line in tree.lines(path) do
			local quote, header = line:match('^%s*#%s*include%s*(["<])([^">]+)[">]')
			if quote == '"' then
				look_at(path, room, number, header)
			elseif quote and not LANGUAGE[header] and not is_allowed(path, header) then
				tree.complain(path, number, "<%s> may not be included here; tests/house/include_arrows.lua says where it may", header)
			end
			if quote then looked = looked + 1 end
		end
	end
end

-- The rooms that the headers a room includes lead to.
local function leads_to(room, seen)
	for left in pairs(includes[room] or {}) do
		if not seen[left] then
			seen[left] = true
			leads_to(left, seen)
		end
	end
	return seen
end

-- The links. (include is no target.)
for _, room in ipairs(rooms) do
	local path = "runtime/" .. room .. "/CMakeLists.txt"
	if tree.exists(path) then
		local text = tree.read(path):gsub("#[^\n]*", "")
		local arguments = text:match("apl_room%s*%(%s*" .. room .. "%s(.-)%)")
		local linked, reachable = {}, leads_to(room, {})
		for left in (arguments and arguments:match("LEFT%s+([%l%s]+)") or ""):gmatch("%l+") do
			linked[left] = true
			if not place[left] or place[left] >= place[room] then
				tree.complain(path, nil, 'room "%s" links "%s", which is not to its left', room, left)
			elseif not reachable[left] then
				tree.complain(path, nil, 'room "%s" links "%s" and none of its headers leads there', room, left)
			end
		end
		for left, where in pairs(arguments and includes[room] or {}) do
			if left ~= "include" and not linked[left] then
				tree.complain(path, nil, 'room "%s" includes "%s" (%s) and does not link it; add it to LEFT', room, left, where)
			end
		end
	end
end

-- The page that explains the rooms draws the same line and leaves none out.
local page = tree.read("docs/design.md")
if not page:find("    " .. line_of_rooms, 1, true) then
	tree.complain("docs/design.md", nil, "the line of rooms differs from the one in runtime/README.md")
end
for _, room in ipairs(rooms) do
	if room ~= "include" and not page:find("\n| " .. room .. " |", 1, true) then
		tree.complain("docs/design.md", nil, 'room "%s" has no row that says what it decides', room)
	end
	if not tree.read("runtime/README.md"):find("\n**" .. room .. "** ", 1, true) then
		tree.complain("runtime/README.md", nil, 'room "%s" has no paragraph', room)
	end
end

tree.finish("%d #include lines, and every link, point to the left", looked)
