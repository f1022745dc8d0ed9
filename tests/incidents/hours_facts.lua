-- SPDX-License-Identifier: MIT
--
-- Reads the journal of playbooks/it-incident/hours.lua on standard input and writes what its clocks did, in the form of hours.py: a line for
-- each warning and breach, and for each clock that ran what it counted in the intervals that ended. With --totals only how many there are.

local read_json = dofile "tests/json_read.lua"

local lines, counted, totals = {}, {}, {}
for line in io.lines() do
	if line:find('"do":"clock"', 1, true) then
		local entry = read_json(line)
		for _, item in ipairs(entry.items) do
			if item["do"] == "clock" then
				local key = entry.case .. "|" .. item.clock
				if item.what == "start" then counted[key] = counted[key] or 0 end
				if item.counted_us then counted[key] = counted[key] + item.counted_us end
				if item.what == "warn" or item.what == "breach" then
					local mark = item.what == "breach" and 100 or math.floor(item.fraction * 100 + 0.5)
					local what = item.what == "breach" and "breached" or "warned"
					lines[#lines + 1] = what .. "|" .. key .. "|" .. mark .. "|" .. entry.at
				end
			end
		end
	end
end
for key, sum in pairs(counted) do
	assert(sum % 60000000 == 0, key .. " counted parts of a minute")
	lines[#lines + 1] = "counted|" .. key .. "|" .. sum // 60000000
end
table.sort(lines)
if arg[1] ~= "--totals" then
	for _, line in ipairs(lines) do print(line) end
	return
end
for _, line in ipairs(lines) do
	local what, _, clock, number = line:match "^(%w+)|([^|]+)|([^|]+)|(%d+)"
	local name = what == "counted" and what .. " " .. clock or ("%s %s at %s %%"):format(what, clock, number)
	local total = totals[name] or { cases = 0, minutes = 0 }
	totals[name] = total
	total.cases = total.cases + 1
	if what == "counted" then total.minutes = total.minutes + number end
end
local names = {}
for name in pairs(totals) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
	local total = totals[name]
	print(total.minutes > 0 and ("%-28s %7d cases, %d min"):format(name, total.cases, total.minutes) or ("%-28s %7d times"):format(name, total.cases))
end
