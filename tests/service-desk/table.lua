-- SPDX-License-Identifier: MIT
--
-- Compares two lists of how conversations went, in the form of oracle.sql: the journal's and the independent one. Prints what
-- each counts, task by task, then the dialogues that differ, and fails when there is one or when there is nothing to compare.
--
--   lua5.4 table.lua JOURNAL-FACTS INDEPENDENT-FACTS

local MOST_SHOWN = 20
local OUTCOMES = { "followed", "kept the order", "guide not used", "left the order" }

-- line by case; counts by task and outcome; how many
local function read(path)
	local all = { lines = {}, tasks = {}, n = 0 }
	for line in io.lines(path) do
		local case, task, outcome, counts = line:match("^([^|]+)|([^|]+)|([^|]+)|([%d|]+)$")
		if not case then error(path .. ": not a conversation: " .. line) end
		if all.lines[case] then error(path .. ": twice: " .. case) end
		all.lines[case] = line
		all.n = all.n + 1
		for _, name in ipairs { task, "all" } do
			local one = all.tasks[name] or { n = 0, steps = 0 }
			all.tasks[name] = one
			one.n = one.n + 1
			one[outcome] = (one[outcome] or 0) + 1
			local place = 0
			for count in counts:gmatch("%d+") do -- steps: everything but what lies beside the graph
				place = place + 1
				if place <= 7 then one.steps = one.steps + tonumber(count) end
			end
		end
	end
	return all
end

local ours, independent = read(arg[1]), read(arg[2])

local names = {}
for name in pairs(independent.tasks) do
	if name ~= "all" then names[#names + 1] = name end
end
table.sort(names)
names[#names + 1] = "all"

local function numbers(one)
	one = one or { n = 0, steps = 0 }
	local shown = { one.n, one.steps }
	for _, outcome in ipairs(OUTCOMES) do shown[#shown + 1] = one[outcome] or 0 end
	return shown
end

local ROW = "%-24s %9s %7s %9s %9s %9s %9s"
print(ROW:format("journal = independent", "dialogues", "steps", "followed", "kept", "not used", "left"))
for _, name in ipairs(names) do
	local mine, theirs = numbers(ours.tasks[name]), numbers(independent.tasks[name])
	for i = 1, #mine do
		if mine[i] ~= theirs[i] then mine[i] = ("%d≠%d"):format(mine[i], theirs[i]) end
	end
	print(ROW:format(name, table.unpack(mine)))
end

local all = numbers(ours.tasks.all)
local function per_cent(n) return ("%d of %d, %.1f %%"):format(n, all[1], all[1] > 0 and 100 * n / all[1] or 0) end
print()
print("follow their graph strictly:                     " .. per_cent(all[3]))
print("keep its order, with skips and repeats:          " .. per_cent(all[3] + all[4]))
print("the same, with those that say no step of it:     " .. per_cent(all[3] + all[4] + all[5]))

local differing = {}
for case, line in pairs(independent.lines) do
	if ours.lines[case] ~= line then
		differing[#differing + 1] = ("%s: journal %s; independent %s"):format(case, ours.lines[case] or "nothing", line)
	end
end
for case, line in pairs(ours.lines) do
	if not independent.lines[case] then differing[#differing + 1] = ("%s: journal %s; independent nothing"):format(case, line) end
end
table.sort(differing)
print(("%d dialogues differ"):format(#differing))
for i = 1, math.min(#differing, MOST_SHOWN) do print(differing[i]) end
if #differing > MOST_SHOWN then print(("and %d more"):format(#differing - MOST_SHOWN)) end
if #differing > 0 or independent.n == 0 then os.exit(1) end
