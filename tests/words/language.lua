-- SPDX-License-Identifier: MIT
--
-- Holds docs/language.md against the register of words: every word stands in a table there, every field is named, and both are used
-- in a playbook that the page shows (which another test runs). The examples of docs/words.md show the word that they are of.
--
--   aplomb words --as json | lua5.4 tests/words/language.lua      in the project's root

local read_json = dofile "tests/json_read.lua"

local function read(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local complaints = 0
local function complain(format, ...)
	complaints = complaints + 1
	io.stderr:write(format:format(...), "\n")
end

-- The playbooks of a page, without what is said in comments and in texts.
local function playbooks_of(text)
	local parts = {}
	for block in ("\n" .. text):gmatch("\n```lua playbook[^\n]*\n(.-)\n```") do
		parts[#parts + 1] = block:gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
	end
	return table.concat(parts, "\n")
end

local page = read "docs/language.md"
local words = read_json(io.read("a"))
local shown = playbooks_of(page)
local MEMBER_KINDS = { case = true, library = true }

-- Each table's first cells, and all that stands in backticks.
local rows, named = {}, {}
for cell in page:gmatch("\n|([^|\n]+)|") do rows[#rows + 1] = cell end
for code in page:gmatch("`([^`\n]+)`") do named[#named + 1] = code end

local function is_in_a_row(word)
	for _, row in ipairs(rows) do
		for code in row:gmatch("`([^`]+)`") do
			if code == word or code:match("^" .. word .. "[^%w_%-.]") then return true end
		end
	end
	return false
end

local function is_named(what)
	for _, code in ipairs(named) do
		if ((" " .. code .. " "):find("[^%w_]" .. what .. "[^%w_]")) then return true end
	end
	return false
end

local looked = 0
for _, word in ipairs(words) do
	looked = looked + 1
	if MEMBER_KINDS[word.kind] then
		-- A function of Lua's library stands there by its last name, a member of the case as it is called.
		-- Of a library that is there whole, its name says it all.
		local library, name = word.name:match("^(.-)[.:]?([%w_]+)$")
		if not page:find("`" .. library .. "`[;.]") and not page:find("[^%w_]" .. name .. "[^%w_]") then complain("docs/language.md does not tell of %s", word.name) end
	elseif word.kind == "module" then
		-- The library's words have pages of their own; here they are held to an example.
		if not word.has_example then complain("docs/words.md has no example of the word %s", word.name) end
	else
		if not is_in_a_row(word.name) then complain("docs/language.md has no row for the word %s", word.name) end
		if not ("\n" .. shown):find("[^%w_.]" .. word.name .. "%s*[(\"{]") then
			complain("docs/language.md shows no playbook that uses the word %s", word.name)
		end
		for _, field in ipairs(word.fields) do
			if not is_named(field.name) then complain("docs/language.md does not name the field %s of %s", field.name, word.name) end
			if not shown:find("[^%w_.]" .. field.name .. "%s*=") then
				complain("docs/language.md shows no playbook that uses the field %s of %s", field.name, word.name)
			end
		end
		if not word.has_example then complain("docs/words.md has no example of the word %s", word.name) end
	end
end

for name, block in ("\n" .. read "docs/words.md"):gmatch("\n## ([%w_%-.]+)\n.-\n```lua playbook\n(.-)\n```") do
	local code = block:gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
	if not ("\n" .. code):find("[^%w_.]" .. name:gsub("%-", "%%-") .. "%s*[(\"{]") then
		complain("docs/words.md: the example of %s does not use it", name)
	end
end

if looked < 50 then complain("the register has only %d words: is this its list?", looked) end
if complaints > 0 then os.exit(1) end
print(("%d words have their place in docs/language.md"):format(looked))
