-- SPDX-License-Identifier: MIT
-- Every slug that a source of the runtime can put into a message has its page
-- in docs/findings.md, and every page there is about one that exists.
--
--   lua5.4 slugs.lua ROOT
--
-- A slug is what stands in place of a parameter called "slug" (or "code", of
-- the log), or is assigned to a member of that name. Besides, every text of
-- that shape with a hyphen in it, in any room but those that only tell people (cli, tell, repl), is one.

local root = arg[1]

local function read(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local function sources()
	local list = {}
	local pipe = assert(io.popen("find '" .. root .. "/runtime' -name '*.[ch]' | LC_ALL=C sort"))
	for path in pipe:lines() do list[#list + 1] = path end
	pipe:close()
	return list
end

-- Comments become spaces; strings stay.
local function without_comments(text)
	local out, at = {}, 1
	while at <= #text do
		local start = text:find('[/"\']', at)
		if not start then break end
		out[#out + 1] = text:sub(at, start - 1)
		local c, two = text:sub(start, start), text:sub(start, start + 1)
		local stop
		if two == "/*" then
			stop = select(2, text:find("*/", start + 2, true)) or #text
			out[#out + 1] = " "
		elseif two == "//" then
			stop = (text:find("\n", start, true) or #text + 1) - 1
			out[#out + 1] = " "
		elseif c == "/" then
			stop = start
			out[#out + 1] = c
		else
			stop = start + 1
			while text:sub(stop, stop) ~= c do
				stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
			end
			out[#out + 1] = text:sub(start, stop)
		end
		at = stop + 1
	end
	out[#out + 1] = text:sub(at)
	return table.concat(out)
end

-- The arguments of the call whose "(" stands at [open].
local function arguments_at(text, open)
	local list, depth, start, at = {}, 0, open + 1, open
	while at <= #text do
		local c = text:sub(at, at)
		if c == '"' or c == "'" then
			at = at + 1
			-- A name and a parenthesis within a text look like a call; then what follows has no end.
			while at <= #text and text:sub(at, at) ~= c do at = at + (text:sub(at, at) == "\\" and 2 or 1) end
		elseif c == "(" or c == "{" or c == "[" then
			depth = depth + 1
		elseif c == ")" or c == "}" or c == "]" then
			depth = depth - 1
			if depth == 0 then
				list[#list + 1] = text:sub(start, at - 1)
				return list
			end
		elseif c == "," and depth == 1 then
			list[#list + 1] = text:sub(start, at - 1)
			start = at + 1
		end
		at = at + 1
	end
	return list
end

-- Functions with such a parameter, and which it is. Static ones count in their file only.
local shared = {}
local function parameters_in(text, into)
	for name, open in text:gmatch("([%w_]+)%s*()%(") do
		for place, argument in ipairs(arguments_at(text, open)) do
			if argument:match("const%s+char%s*%*%s*slug%s*$") or argument:match("const%s+char%s*%*%s*code%s*$") then into[name] = place end
		end
	end
	return into
end

local texts, order = {}, sources()
for _, path in ipairs(order) do
	texts[path] = without_comments(read(path))
	parameters_in(texts[path], path:match("%.h$") and shared or {})
end

-- The words of a trace; the name of a limit; a line of the log that the playbook itself writes.
local no_slugs = { ["playbook-log"] = true }
local traces = { apl_turn_trace = true }

local used = {}
local function note(expression, path)
	for slug in expression:gmatch('"([a-z][a-z0-9-]*)"') do used[slug] = used[slug] or path:sub(#root + 2) end
end
for _, path in ipairs(order) do
	local text = texts[path]
	local own = parameters_in(text, {})
	for name, open in text:gmatch("([%w_]+)%s*()%(") do
		local place = not traces[name] and (own[name] or shared[name])
		if place then note(arguments_at(text, open)[place] or "", path) end
	end
	for expression in text:gmatch("[%.>]slug%s*=%s*([^;,}]+)") do note(expression, path) end
	if not path:find("/cli/", 1, true) and not path:find("/tell/", 1, true) and not path:find("/repl/", 1, true) then
		for slug in text:gmatch('"([a-z]+%-[a-z0-9-]+)"') do
			if not no_slugs[slug] then used[slug] = used[slug] or path:sub(#root + 2) end
		end
	end
end

local explained = {}
for slug in ("\n" .. read(root .. "/docs/findings.md")):gmatch("\n### ([^\n]+)") do
	if explained[slug] then print("docs/findings.md explains " .. slug .. " twice") os.exit(1) end
	explained[slug] = true
end

local failed, count = false, 0
local function fail(...)
	failed = true
	print(string.format(...))
end
local names = {}
for slug in pairs(used) do names[#names + 1] = slug end
table.sort(names)
for _, slug in ipairs(names) do
	count = count + 1
	if not explained[slug] then fail("%s uses the slug %s, and docs/findings.md does not explain it", used[slug], slug) end
end
for slug in pairs(explained) do
	if not used[slug] then fail("docs/findings.md explains %s, and nothing uses it", slug) end
end
if arg[2] == "--list" then print(table.concat(names, "\n")) end
print(count .. " slugs")
if failed then os.exit(1) end
