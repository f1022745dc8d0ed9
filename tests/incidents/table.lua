-- SPDX-License-Identifier: MIT
--
-- Compares two lists of facts, a line `category|case|instant` each: the journal's and the independent ones. Prints a table,
-- then the cases that differ, and fails when there is one.
--
--   lua5.4 table.lua JOURNAL-FACTS INDEPENDENT-FACTS

local MOST_SHOWN = 20

local ORDER = {
	"reassigned", "passed around", "reopened", "silent", "silent twice", "warned", "late", "user reminded", "others reminded",
	"filed", "filed after trouble",
}

-- category → { cases = { case → { instants } }, times }
local function read(path)
	local all = {}
	for line in io.lines(path) do
		local category, case, at = line:match("^([^|]+)|([^|]+)|([^|]+)$")
		if not category then error(path .. ": not a fact: " .. line) end
		local one = all[category] or { cases = {}, times = 0 }
		all[category] = one
		one.times = one.times + 1
		one.cases[case] = one.cases[case] or {}
		table.insert(one.cases[case], at)
	end
	return all
end

local ours, independent = read(arg[1]), read(arg[2])
local known = {}
for _, name in ipairs(ORDER) do known[name] = true end
for _, facts in ipairs { ours, independent } do
	for name in pairs(facts) do
		if not known[name] then
			known[name] = true
			ORDER[#ORDER + 1] = name
		end
	end
end

local function said(instants)
	if not instants then return "never" end
	table.sort(instants)
	return table.concat(instants, ", ")
end

-- How many cases, how many times, and which cases one of the two sees otherwise.
local function count(cases)
	local n = 0
	for _ in pairs(cases) do n = n + 1 end
	return n
end

local differing = {}
print(("%-20s %21s %21s %10s"):format("", "journal", "independent", "differing"))
print(("%-20s %10s %10s %10s %10s %10s"):format("", "cases", "times", "cases", "times", "cases"))
for _, name in ipairs(ORDER) do
	local a = ours[name] or { cases = {}, times = 0 }
	local b = independent[name] or { cases = {}, times = 0 }
	local seen, n = {}, 0
	for _, cases in ipairs { a.cases, b.cases } do
		for case in pairs(cases) do
			if not seen[case] then
				seen[case] = true
				local mine, theirs = said(a.cases[case]), said(b.cases[case])
				if mine ~= theirs then
					n = n + 1
					differing[#differing + 1] = ("%s: %s: journal %s; independent %s"):format(name, case, mine, theirs)
				end
			end
		end
	end
	print(("%-20s %10d %10d %10d %10d %10d"):format(name, count(a.cases), a.times, count(b.cases), b.times, n))
end

table.sort(differing)
for i = 1, math.min(#differing, MOST_SHOWN) do print(differing[i]) end
if #differing > MOST_SHOWN then print(("and %d more"):format(#differing - MOST_SHOWN)) end
if #differing > 0 then os.exit(1) end
