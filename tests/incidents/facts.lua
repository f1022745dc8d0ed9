-- SPDX-License-Identifier: MIT
--
-- Reads the journal of the incidents on standard input and writes what happened there, a line `category|case|instant` each,
-- in the form of oracle.sql. Knows the journal's format and the playbook's effects, nothing else.
--
-- With --shape it instead writes how many lines of each kind the journal holds, and what no run should hold: findings, faults.

local byte, find, sub = string.byte, string.find, string.sub

-- ---- JSON: enough of it to read what the journal writes ---------------------------------

local read

local ESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function read_text(text, at)
	local stop = find(text, '["\\]', at)
	if byte(text, stop) == 34 then return sub(text, at, stop - 1), stop + 1 end
	local parts = {}
	while true do
		parts[#parts + 1] = sub(text, at, stop - 1)
		if byte(text, stop) == 34 then return table.concat(parts), stop + 1 end
		local escaped = sub(text, stop + 1, stop + 1)
		if escaped == "u" then
			parts[#parts + 1] = utf8.char(tonumber(sub(text, stop + 2, stop + 5), 16))
			at = stop + 6
		else
			parts[#parts + 1] = ESCAPED[escaped]
			at = stop + 2
		end
		stop = find(text, '["\\]', at)
	end
end

local function read_map(text, at)
	local map = {}
	if sub(text, at, at) == "}" then return map, at + 1 end
	while true do
		local name
		name, at = read_text(text, at + 1)
		map[name], at = read(text, at + 1)
		if sub(text, at, at) == "}" then return map, at + 1 end
		at = at + 1
	end
end

local function read_list(text, at)
	local list = {}
	if sub(text, at, at) == "]" then return list, at + 1 end
	while true do
		list[#list + 1], at = read(text, at)
		if sub(text, at, at) == "]" then return list, at + 1 end
		at = at + 1
	end
end

function read(text, at)
	local first = sub(text, at, at)
	if first == '"' then return read_text(text, at + 1) end
	if first == "{" then return read_map(text, at + 1) end
	if first == "[" then return read_list(text, at + 1) end
	local word = text:match("^[^,%]}]+", at)
	local value = tonumber(word)
	if value == nil then value = word == "true" end
	return value, at + #word
end

-- ---- what an item says --------------------------------------------------------------------

local REMINDED = { user = "user reminded", assignee = "others reminded" }

local function category_of(item)
	if item["do"] == "closed" then
		return item.outcome == "closed after trouble" and "filed after trouble" or "filed"
	end
	if item["do"] ~= "effect" then return nil end
	local kind, data = item.kind, item.data
	if kind == "notify" then return data.what == "reopened" and "reopened" or "reassigned" end
	if kind == "warn" then return "warned" end
	if kind == "remind" then return REMINDED[data.whom] end
	if kind == "escalate" then
		if data.reason == "reassignment" then return "passed around" end
		if data.reason == "late" then return "late" end
		return data.to == "group-lead" and "silent" or "silent twice"
	end
	return nil
end

local function facts()
	local lines = {}
	for line in io.lines() do
		if find(line, '"do":"effect"', 1, true) or find(line, '"do":"closed"', 1, true) then
			local entry = read(line, 1)
			for _, item in ipairs(entry.items or {}) do
				local category = category_of(item)
				if category then lines[#lines + 1] = category .. "|" .. entry.case .. "|" .. entry.at end
			end
		end
	end
	table.sort(lines)
	for _, line in ipairs(lines) do io.write(line, "\n") end
end

local function shape()
	local counts, names = {}, {}
	local function count(name)
		if not counts[name] then names[#names + 1] = name end
		counts[name] = (counts[name] or 0) + 1
	end
	for line in io.lines() do
		count(line:match('"kind":"([a-z]+)","prev"') or "head")
		for what in line:gmatch('{[^{}]*"do":"([a-z]+)"') do
			if what == "finding" or what == "unhandled" then count(what) end
		end
	end
	table.sort(names)
	for _, name in ipairs(names) do io.write(name, " ", counts[name], "\n") end
end

if arg[1] == "--shape" then shape() else facts() end
