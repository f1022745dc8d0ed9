-- SPDX-License-Identifier: MIT
--
-- Reads the journal of the incidents on standard input and writes what happened there, a line `category|case|instant` each,
-- in the form of oracle.sql. Knows the journal's format and the playbook's effects, nothing else.
--
-- With --shape it instead writes how many lines of each kind the journal holds, and what no run should hold: findings, faults.

local find = string.find
local read_json = dofile "tests/json_read.lua"

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
			local entry = read_json(line)
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
