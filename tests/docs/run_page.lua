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

-- A conversation at the prompt: blocks of `repl`, one after the other. The first says with which arguments `aplomb repl`
-- begins, those without arguments go on with it. Statements follow "aplomb> " and "      > ", and below each is its answer.
local PROMPT, CONTINUATION = "aplomb> ", "      > "
local function statements_of(block, session)
	for i, line in ipairs(block.lines) do
		local statement = session.statements[#session.statements]
		if line:sub(1, #PROMPT) == PROMPT then
			session.statements[#session.statements + 1] = { line = block.line + i, text = line:sub(#PROMPT + 1), shown = {} }
		elseif i > 1 and statement and #statement.shown == 0 and line:sub(1, #CONTINUATION) == CONTINUATION then
			statement.text = statement.text .. "\n" .. line:sub(#CONTINUATION + 1)
		elseif i > 1 and statement then
			statement.shown[#statement.shown + 1] = line
		else
			fail(block.line + i, "a block of a conversation begins with a statement (\"aplomb> …\")")
		end
	end
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

local sessions = {}
local function end_session()
	local session = sessions[#sessions]
	if not session or session.step then return end
	local input, texts = ("%s/.session-%d"):format(folder, #sessions), {}
	for i, statement in ipairs(session.statements) do texts[i] = statement.text .. "\n" end
	write(input, table.concat(texts))
	session.step = { line = session.line, text = "aplomb repl " .. session.arguments .. " --keep-going <" .. quoted(input), session = session }
	run(session.step)
end

local n_files, n_quotes = 0, 0
for _, block in ipairs(blocks_of(read(page))) do
	local text = table.concat(block.lines, "\n") .. "\n"
	local from = block.rest:match("^from (%S+)$")
	local session = sessions[#sessions]
	local goes_on = block.language == "repl" and block.rest == "" and session and not session.step
	local is_file = not from and block.language ~= "repl" and block.rest:match("^[%w_-]+%.[%w.]+$")
	if not goes_on and (block.language == "repl" or block.language == "console" or is_file) then end_session() end
	if block.language == "repl" then
		if block.rest == "" and not goes_on then fail(block.line, "no conversation is going on here: name the playbook behind `repl`") end
		if not goes_on then sessions[#sessions + 1] = { line = block.line, arguments = block.rest, statements = {} } end
		statements_of(block, sessions[#sessions])
	elseif block.language == "console" then
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
	elseif is_file then
		n_files = n_files + 1
		-- Written when its turn comes, so that a command above cannot use it by accident.
		local kept = ("%s/.file-%d"):format(folder, n_files)
		write(kept, text)
		script[#script + 1] = ("cp %s %s"):format(quoted(kept), block.rest)
	end
end

end_session()

write(folder .. "/.script", table.concat(script, "\n") .. "\n")
os.execute("sh " .. quoted(folder .. "/.script"))

-- What is printed below each statement, up to the next that is echoed.
local function compare_session(step, printed)
	local answers = {}
	for i, line in ipairs(printed) do
		local echoed = line:sub(1, #PROMPT) == PROMPT
		if echoed then answers[#answers + 1] = {} end
		local answer = answers[#answers]
		if not answer then
			fail(step.line, "$ %s\nprinted: %s", step.text, table.concat(printed, "\n", i))
			return
		end
		-- The echo is no answer, nor are the lines of a statement that go on.
		local goes_on = #answer == 0 and answer.is_echo ~= false and line:sub(1, #CONTINUATION) == CONTINUATION
		if not echoed and not goes_on then
			answer.is_echo = false
			answer[#answer + 1] = line
		end
	end
	for i, statement in ipairs(step.session.statements) do
		if not answers[i] then
			fail(statement.line, "aplomb> %s\nwas not reached; the session ended with:\n%s", statement.text, table.concat(printed, "\n", math.max(1, #printed - 8)))
			return
		end
		local shown, answer = lines_of(table.concat(statement.shown, "\n")), lines_of(table.concat(answers[i], "\n"))
		if not fits(shown, answer) then
			fail(statement.line, "aplomb> %s\nis said to print:\n%s\nand prints:\n%s", statement.text, table.concat(shown, "\n"), table.concat(answer, "\n"))
		end
	end
end

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
	if step.session then
		compare_session(step, printed)
	elseif status ~= 0 and not is_asked then
		fail(step.line, "$ %s\nended with status %d and printed:\n%s", step.text, status, table.concat(printed, "\n"))
	elseif not step.accepts_any_output then
		local shown = lines_of(table.concat(step.expected, "\n"))
		if not fits(shown, printed) then
			fail(step.line, "$ %s\nis said to print:\n%s\nand prints:\n%s", step.text, table.concat(shown, "\n"), table.concat(printed, "\n"))
		end
	end
end

os.execute("rm -rf " .. quoted(folder))
print(("%s: %d commands run, %d conversations played, %d files written, %d quotations compared"):format(
	page:sub(#root + 2), #steps - #sessions, #sessions, n_files, n_quotes))
if failures > 0 then os.exit(1) end
