-- SPDX-License-Identifier: MIT
-- What the tests of the tree share: which files there are, what is in them,
-- and how complaints are told. What is right and wrong each test decides.

local tree = {}

-- The project's root, without a slash at the end.
tree.root = (arg[1] or "."):gsub("/+$", "")

local complaints = 0

-- Text as one word for the shell.
local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
tree.quoted = quoted

-- Every file that belongs to the project, relative to the root, sorted. What
-- a build leaves behind and hidden folders but .ci do not belong to it.
function tree.files()
	if tree.all then return tree.all end
	local files = {}
	local pipe = assert(io.popen("cd " .. quoted(tree.root) .. " && find . -type f"))
	for line in pipe:lines() do
		local path = line:sub(3)
		-- In a linked working tree .git is a file that names the other one.
		local hidden = path == ".git" or (path:match("^%.") and not path:match("^%.ci/") and path:find("/", 1, true))
		if not hidden and not path:match("^build[^/]*/") and not path:match("^install/") then files[#files + 1] = path end
	end
	assert(pipe:close(), "find failed")
	assert(#files > 20, "this is not the project's root: " .. tree.root)
	table.sort(files)
	tree.all = files
	return files
end

function tree.exists(path)
	local file = io.open(tree.root .. "/" .. path)
	if file then file:close() end
	return file ~= nil
end

-- The whole text; only for files that exist.
function tree.read(path)
	local file = assert(io.open(tree.root .. "/" .. path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

-- Lines with their numbers.
function tree.lines(path)
	local number = 0
	local next_line = (tree.read(path):gsub("\n$", "") .. "\n"):gmatch("(.-)\r?\n")
	return function()
		local line = next_line()
		if line then
			number = number + 1
			return number, line
		end
	end
end

-- The rooms, lowest first, from the one place where their order stands.
function tree.rooms()
	local line = assert(tree.read("runtime/README.md"):match("\n    (include | [^\n]+)"), "runtime/README.md has no line of rooms")
	local rooms, place = {}, {}
	for room in line:gmatch("%a+") do
		rooms[#rooms + 1] = room
		place[room] = #rooms
	end
	return rooms, place, line
end

function tree.complain(path, line, format, ...)
	complaints = complaints + 1
	io.stderr:write(path, line and ":" .. line or "", ": ", format:format(...), "\n")
end

-- Ends the test; [summary] says what was looked at.
function tree.finish(format, ...)
	print(format:format(...))
	if complaints > 0 then
		io.stderr:write(("%d thing%s to mend\n"):format(complaints, complaints == 1 and "" or "s"))
		os.exit(1)
	end
end

return tree
