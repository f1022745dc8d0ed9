-- SPDX-License-Identifier: MIT
-- Runs what a page shows. docs/contributing.md tells writers of pages which
-- blocks are run; this file decides how.
--
--   lua5.4 run_page.lua PAGE ROOT FOLDER-OF-THE-COMMAND
--
-- All of a page happens in one empty folder and one shell, from top to bottom,
-- so that a later block may use the file that an earlier one wrote.

local page, root, commands = arg[1], arg[2], arg[3]

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function read(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local function write(path, text)
	local file = assert(io.open(path, "wb"))
	assert(file:write(text))
	assert(file:close())
end

local failures = 0
local function fail(line, format, ...)
	failures = failures + 1
	io.stderr:write(page:sub(#root + 2), ":", line, ": ", format:format(...), "\n")
end

-- ---- the page's blocks ---------------------------------------------------

-- { line =, language =, rest =, lines = {} }
local function blocks_of(text)
	local blocks, block, indent = {}, nil, nil
	local number = 0
	for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\r?\n") do
		number = number + 1
		local spaces, info = line:match("^(%s*)```(.*)$")
		if not block and info then
			indent = #spaces
			block = { line = number, lines = {} }
			block.language, block.rest = info:match("^(%S*)%s*(.-)%s*$")
		elseif block and info == "" then
			blocks[#blocks + 1] = block
			block = nil
		elseif block then
			block.lines[#block.lines + 1] = line:sub(1, indent):match("^%s*$") and line:sub(indent + 1) or line
		end
	end
	assert(not block, "a block is not closed: line " .. (block and block.line or 0))
	return blocks
end

-- Commands of a console block with what each is said to print:
-- { line =, text =, expected = { lines } }
local function steps_of(block)
	local steps = {}
	for i, line in ipairs(block.lines) do
		local command, more = line:match("^%$ (.*)$"), line:match("^> (.*)$")
		local step = steps[#steps]
		if command then
			steps[#steps + 1] = { line = block.line + i, text = command, expected = {} }
		elseif more and step and #step.expected == 0 then
			step.text = step.text .. "\n" .. more
		elseif step then
			step.expected[#step.expected + 1] = line
		else
			fail(block.line + i, "a console block begins with a command (\"$ …\")")
		end
	end
	return steps
end

-- ---- what was printed against what is shown ------------------------------

-- A line "…" stands for any number of lines, "…" within a line for any text.
local function line_fits(shown, printed)
	if not shown:find("…", 1, true) then return shown == printed end
	local pattern = "^" .. shown:gsub("%W", function(c) return c:byte() < 128 and "%" .. c or c end):gsub("…", ".-") .. "$"
	return printed:match(pattern) ~= nil
end

local function fits(shown, printed, i, j)
	i, j = i or 1, j or 1
	if i > #shown then return j > #printed end
	if shown[i]:match("^%s*…%s*$") then
		for k = j, #printed + 1 do
			if fits(shown, printed, i + 1, k) then return true end
		end
		return false
	end
	return j <= #printed and line_fits(shown[i], printed[j]) and fits(shown, printed, i + 1, j + 1)
end

local function lines_of(text)
	local lines = {}
	for line in text:gmatch("([^\n]*)\n?") do lines[#lines + 1] = line end
	while #lines > 0 and lines[#lines]:match("^%s*$") do lines[#lines] = nil end
	return lines
end

-- ---- running -------------------------------------------------------------

local pipe = assert(io.popen("mktemp -d"))
local folder = pipe:read("l")
pipe:close()
assert(folder and folder ~= "", "mktemp failed")

-- A shell script of the whole page; each command's output goes to a file of its own.
local script = {
	"export PATH=" .. quoted(commands) .. ':"$PATH" NO_COLOR=1 LC_ALL=C.UTF-8 TZ=UTC',
	"unset COLUMNS",
	"cd " .. quoted(folder) .. " || exit 1",
}
for _, name in ipairs { "examples", "playbooks" } do
	script[#script + 1] = "ln -s " .. quoted(root .. "/" .. name) .. " " .. name
end
local steps = {}
local function run(step)
	steps[#steps + 1] = step
	local output = quoted(("%s/.output-%d"):format(folder, #steps))
	-- Redirection of a group keeps the shell, so `cd` and variables live on.
	script[#script + 1] = ("(exit ${status:-0})\n{\n%s\n} >%s 2>&1 </dev/null\nstatus=$?; echo $status >%s"):format(
		step.text, output, quoted(("%s/.status-%d"):format(folder, #steps)))
end

local n_files, n_quotes = 0, 0
for _, block in ipairs(blocks_of(read(page))) do
	local text = table.concat(block.lines, "\n") .. "\n"
	local from = block.rest:match("^from (%S+)$")
	if block.language == "console" then
		for _, step in ipairs(steps_of(block)) do run(step) end
	elseif block.language == "lua" and block.rest == "playbook" then
		n_files = n_files + 1
		local name = ("block-%d.lua"):format(block.line)
		write(folder .. "/" .. name, text)
		run { line = block.line, text = "aplomb check " .. name, accepts_any_output = true }
	elseif from then
		-- The block shows part of a file: its lines stand there, in this order, "…" leaves some out.
		n_quotes = n_quotes + 1
		local pattern_lines = { "…" }
		for _, line in ipairs(block.lines) do pattern_lines[#pattern_lines + 1] = line end
		pattern_lines[#pattern_lines + 1] = "…"
		local file = io.open(root .. "/" .. from)
		if file then file:close() end
		if not file or not fits(pattern_lines, lines_of(read(root .. "/" .. from))) then
			fail(block.line, "this is said to be part of %s, and is not any more", from)
		end
	elseif block.rest:match("^[%w_-]+%.[%w.]+$") then
		n_files = n_files + 1
		-- Written when its turn comes, so that a command above cannot use it by accident.
		local kept = ("%s/.file-%d"):format(folder, n_files)
		write(kept, text)
		script[#script + 1] = ("cp %s %s"):format(quoted(kept), block.rest)
	end
end

write(folder .. "/.script", table.concat(script, "\n") .. "\n")
os.execute("sh " .. quoted(folder .. "/.script"))

for i, step in ipairs(steps) do
	local file = io.open(("%s/.status-%d"):format(folder, i))
	if not file then
		fail(step.line, "$ %s\nwas not reached", step.text)
		break
	end
	local status = file:read("n")
	file:close()
	local printed = lines_of(read(("%s/.output-%d"):format(folder, i)))
	-- A page that shows the status asks for it in its next command.
	local is_asked = steps[i + 1] and steps[i + 1].text == "echo $?"
	if status ~= 0 and not is_asked then
		fail(step.line, "$ %s\nended with status %d and printed:\n%s", step.text, status, table.concat(printed, "\n"))
	elseif not step.accepts_any_output then
		local shown = lines_of(table.concat(step.expected, "\n"))
		if not fits(shown, printed) then
			fail(step.line, "$ %s\nis said to print:\n%s\nand prints:\n%s", step.text, table.concat(shown, "\n"), table.concat(printed, "\n"))
		end
	end
end

os.execute("rm -rf " .. quoted(folder))
print(("%s: %d commands run, %d files written, %d quotations compared"):format(page:sub(#root + 2), #steps, n_files, n_quotes))
if failures > 0 then os.exit(1) end
