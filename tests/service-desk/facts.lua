-- SPDX-License-Identifier: MIT
--
-- Reads journals of playbooks/service-desk on standard input and writes how each conversation went, a line in the form of
-- oracle.sql:
--
--     case|task|outcome|first|next|answers|skips|repeats|jumps|returns|beside|own words
--
-- Knows the journal's format and the playbook's report, nothing else. Fails when the journal holds what no run should: findings,
-- faults, events that were refused.

local find = string.find
local read_json = dofile "tests/json_read.lua"

local COUNTS = { "first", "next", "answers", "skips", "repeats", "jumps", "returns", "beside", "own_words" }

local playbook_of, lines, wrong = {}, {}, 0

for line in io.lines() do
	if find(line, '"aplomb":"journal"', 1, true) then
		local head = read_json(line)
		playbook_of[head.case] = head.playbook.id
	elseif find(line, '"do":"finding"', 1, true) or find(line, '"kind":"faulted"', 1, true) or find(line, '"kind":"refused"', 1, true) then
		wrong = wrong + 1
		io.stderr:write("no run should hold this: ", line, "\n")
	elseif find(line, '"do":"closed"', 1, true) then
		local entry = read_json(line)
		local outcome, report
		for _, item in ipairs(entry.items) do
			if item["do"] == "closed" then outcome = item.outcome end
			if item["do"] == "effect" and item.kind == "report" then report = item.data end
		end
		local fields = { entry.case, (playbook_of[entry.case]:gsub("-", "_")), outcome }
		for _, count in ipairs(COUNTS) do fields[#fields + 1] = ("%d"):format(report[count]) end
		lines[#lines + 1] = table.concat(fields, "|")
	end
end

table.sort(lines)
for _, line in ipairs(lines) do io.write(line, "\n") end
if wrong > 0 then os.exit(1) end
