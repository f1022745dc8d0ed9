-- SPDX-License-Identifier: MIT
-- What the converter of playbooks/it-incident makes of a good file, and what it says of bad ones.
--
--   lua5.4 test_convert.lua ROOT FOLDER-TO-WRITE-IN

local root, folder = arg[1], arg[2]
local converter = root .. "/playbooks/it-incident/convert.lua"
local failures = 0

local function fail(name, format, ...)
	failures = failures + 1
	io.stderr:write(name, ": ", format:format(...), "\n")
end

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

-- What the converter writes, says, and its exit status, for a file of that name holding [text].
local function convert(text)
	write(folder .. "/in.csv", text)
	local _, _, status = os.execute(("cd '%s' && lua5.4 '%s' in.csv >out.jsonl 2>said.txt"):format(folder, converter))
	return read(folder .. "/out.jsonl"), read(folder .. "/said.txt"), status
end

local function expect(name, was, wanted)
	if was ~= wanted then fail(name, "expected\n%s\nbut it was\n%s", wanted, was) end
end

-- ---- good files ------------------------------------------------------------------

local sample = read(root .. "/tests/incidents/sample.csv")
local events = read(root .. "/tests/incidents/sample.events.jsonl")

local function gives_the_events_of_the_sample(name, text)
	local out, said, status = convert(text)
	expect(name, out, events)
	expect(name, said, "")
	expect(name, status, 0)
end

gives_the_events_of_the_sample("the_sample_becomes_its_events", sample)
gives_the_events_of_the_sample("line_ends_of_windows_are_line_ends", (sample:gsub("\n", "\r\n")))
gives_the_events_of_the_sample("a_byte_order_mark_is_no_column", "\239\187\191" .. sample)
gives_the_events_of_the_sample("an_empty_last_line_is_no_row", sample .. "\n")
gives_the_events_of_the_sample("the_last_line_needs_no_end", (sample:gsub("\n$", "")))

-- The columns that know the future may say what they like.
gives_the_events_of_the_sample("what_the_future_columns_say_changes_nothing",
	(sample:gsub(",[^,\n]*,[^,\n]*,[^,\n]*\n", function(fields)
		return fields:find("closed_code", 1, true) and fields or ",never,never,never\n"
	end):gsub("(INC%d,[^,]*,[^,]*,[^,]*),[^,]*,", "%1,perhaps,")))

local piped = io.popen(("lua5.4 '%s' <'%s/tests/incidents/sample.csv'"):format(converter, root))
expect("standard_input_is_read_like_a_file", piped:read("a"), events)
piped:close()

-- ---- bad files ---------------------------------------------------------------------

local HEADER = "number,incident_state,reassignment_count,reopen_count,caller_id,opened_at,sys_updated_by,sys_updated_at,"
	.. "contact_type,category,priority,assignment_group,assigned_to\n"
local GOOD = "INC1,New,0,0,Caller 1,1/3/2016 08:00,Updated by 1,1/3/2016 08:05,Phone,Mail,3 - Moderate,Desk,?\n"

local function with(old, new)
	local at, stop = GOOD:find(old, 1, true)
	return GOOD:sub(1, at - 1) .. new .. GOOD:sub(stop + 1)
end

local AS_TIME = "expected day/month/year hour:minute, as in 29/2/2016 01:23"
local bad = {
	{ "", 'in.csv:1: the file is empty: expected a first line that names the columns' },
	{ "number,priority\n", "in.csv:1: the header lacks incident_state, reassignment_count, reopen_count, caller_id, opened_at, "
		.. "sys_updated_by, sys_updated_at, contact_type, category, assignment_group, assigned_to: expected a first line that names "
		.. "the columns, number, incident_state, reassignment_count, reopen_count, caller_id, opened_at, sys_updated_by, "
		.. "sys_updated_at, contact_type, category, priority, assignment_group, assigned_to among them" },
	{ "number," .. HEADER .. GOOD, 'in.csv:1: column "number" stands there twice: expected each once' },
	{ HEADER .. GOOD .. "INC2,New,0\n", "in.csv:3: the row has 3 field(s): expected 13, as many as the header" },
	{ HEADER .. with("INC1", "?"), "in.csv:2: column number is empty: expected the incident's number, as in INC0000045" },
	{ HEADER .. with("New", "Asleep"), 'in.csv:2: column incident_state is "Asleep": expected New, Active, Awaiting User Info, '
		.. "Awaiting Vendor, Awaiting Problem, Awaiting Evidence, Resolved or Closed" },
	{ HEADER .. with("New,0,0", "New,-1,0"), 'in.csv:2: column reassignment_count is "-1": expected a whole number, 0 or more' },
	{ HEADER .. with("New,0,0", "New,0,many"), 'in.csv:2: column reopen_count is "many": expected a whole number, 0 or more' },
	{ HEADER .. with("3 - Moderate", "5 - Planning"),
		'in.csv:2: column priority is "5 - Planning": expected 1 - Critical, 2 - High, 3 - Moderate or 4 - Low' },
	{ HEADER .. with("1/3/2016 08:05", "?"), "in.csv:2: column sys_updated_at is empty: " .. AS_TIME },
	{ HEADER .. with("1/3/2016 08:05", "2016-03-01 08:05"), 'in.csv:2: column sys_updated_at is "2016-03-01 08:05": ' .. AS_TIME },
	{ HEADER .. with("1/3/2016 08:05", "29/2/2015 08:05"), 'in.csv:2: column sys_updated_at is "29/2/2015 08:05": ' .. AS_TIME },
	{ HEADER .. with("1/3/2016 08:00", "1/13/2016 08:00"), 'in.csv:2: column opened_at is "1/13/2016 08:00": ' .. AS_TIME },
	{ HEADER .. with("Desk", "D\233sk"), "in.csv:2: column assignment_group is not valid UTF-8: expected the file to be UTF-8" },
	{ HEADER .. with("Updated by 1", "\255"), "in.csv:2: column sys_updated_by is not valid UTF-8: expected the file to be UTF-8" },
	{ HEADER .. GOOD .. with("Mail", '"Mail'), 'in.csv:3: a quoted field begins here and never ends: expected a closing "' },
	{ HEADER .. with("Mail", '"Ma"il'), 'in.csv:2: after the closing " of a field comes "i": expected a comma or the end of the line' },
	-- Lines are counted within quotes too.
	{ HEADER .. with("Mail", '"Ma\nil"') .. with("New", "Asleep?"), 'in.csv:4: column incident_state is "Asleep?": expected New, Active, '
		.. "Awaiting User Info, Awaiting Vendor, Awaiting Problem, Awaiting Evidence, Resolved or Closed" },
	-- All that is wrong with a file is said at once.
	{ HEADER .. with("INC1,New,0,0", "INC1,New,x,y"), 'in.csv:2: column reassignment_count is "x": expected a whole number, 0 or more\n'
		.. 'in.csv:2: column reopen_count is "y": expected a whole number, 0 or more' },
}

for i, case in ipairs(bad) do
	local name = ("a_bad_row_is_refused_with_its_line (%d)"):format(i)
	local out, said, status = convert(case[1])
	expect(name, out, "")
	expect(name, said, case[2] .. "\nnothing was written\n")
	expect(name, status, 1)
end

local _, said = convert(HEADER .. with("New", "Asleep"):rep(25))
if not said:find("\nand 5 more\nnothing was written\n$") then fail("a_flood_of_bad_rows_is_counted", "it said\n%s", said) end

if failures > 0 then os.exit(1) end
print(("the sample, %d ways to write it, and %d bad files: as expected"):format(6, #bad + 1))
