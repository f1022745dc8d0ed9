-- SPDX-License-Identifier: MIT
--
-- Turns an incident log (CSV, one row for each update of an incident, as ServiceNow exports it) into events for
-- `aplomb run`, one JSON envelope a line:
--
--     xz -dc incidents.csv.xz | lua5.4 convert.lua > events.jsonl
--     lua5.4 convert.lua incidents.csv > events.jsonl
--
-- It decides what a row says and when it was said. It decides nothing about incidents: whether one was reassigned,
-- reopened or left alone is for the playbook.
--
--   * Every row becomes one event `incident.updated` of the case that the column `number` names. The first row of a case,
--     by time, also opens it.
--   * The order is (sys_updated_at, row): rows of the same minute stay as they stand in the file.
--   * Times are day/month/year hour:minute without a zone. They are taken as UTC, for the file does not say better.
--   * "?" and an empty field mean that nobody knows: the event then lacks the field. So does the state "-100", which
--     some exports hold where the state was lost.
--   * An event's id is the case's number and the row's place among that case's rows of the file, so converting again
--     gives the same ids.
--   * resolved_at, closed_at, closed_code, resolved_by and made_sla are never read: the export repeats on every row of an
--     incident what was known only at its end.
--
-- A row that cannot be understood is refused with its line and what was expected there. Then nothing is written and the
-- exit status is 1: half of an incident is not an incident.

local MOST_MESSAGES = 20

local STATES = {
	["New"] = "new",
	["Active"] = "active",
	["Awaiting User Info"] = "awaiting-user",
	["Awaiting Vendor"] = "awaiting-vendor",
	["Awaiting Problem"] = "awaiting-problem",
	["Awaiting Evidence"] = "awaiting-evidence",
	["Resolved"] = "resolved",
	["Closed"] = "closed",
}
local LOST_STATE = "-100"
local PRIORITIES = { ["1"] = "critical", ["2"] = "high", ["3"] = "moderate", ["4"] = "low" }

local NEEDED = {
	"number", "incident_state", "reassignment_count", "reopen_count", "caller_id", "opened_at", "sys_updated_by",
	"sys_updated_at", "contact_type", "category", "priority", "assignment_group", "assigned_to",
}

-- ---- refusals ----------------------------------------------------------------

local file_name = "standard input"
local refused = 0

local function say(line, format, ...)
	refused = refused + 1
	if refused > MOST_MESSAGES then return end
	io.stderr:write(file_name, ":", tostring(line), ": ", format:format(...), "\n")
end

local function give_up(line, format, ...)
	say(line, format, ...)
	io.stderr:write("nothing was written\n")
	os.exit(1)
end

-- What a message shows of a text it does not understand.
local function shown(text)
	if #text > 60 then text = text:sub(1, 60) .. "…" end
	return (("%q"):format(text):gsub("\\\n", "\\n"))
end

-- ---- CSV -----------------------------------------------------------------------

-- Iterates over the records of [text] as RFC 4180 describes them: fields may stand in quotes, and then hold commas, line
-- ends and doubled quotes. Gives the line on which the record begins, and its fields.
local function records(text)
	local at, line = 1, 1
	if text:sub(1, 3) == "\239\187\191" then at = 4 end -- a byte order mark

	local function quoted()
		local began, parts = line, {}
		at = at + 1
		while true do
			local quote = text:find('"', at, true)
			if not quote then give_up(began, "a quoted field begins here and never ends: expected a closing \"") end
			parts[#parts + 1] = text:sub(at, quote - 1)
			at = quote + 1
			if text:sub(at, at) ~= '"' then break end
			parts[#parts + 1] = '"'
			at = at + 1
		end
		local field = table.concat(parts)
		for _ in field:gmatch("\n") do line = line + 1 end
		if at <= #text and not text:find("^[,\r\n]", at) then
			give_up(line, "after the closing \" of a field comes %s: expected a comma or the end of the line", shown(text:sub(at, at)))
		end
		return field
	end

	return function()
		if at > #text then return nil end
		local began, fields = line, {}
		while true do
			if text:sub(at, at) == '"' then
				fields[#fields + 1] = quoted()
			else
				local stop = text:find("[,\r\n]", at) or #text + 1
				fields[#fields + 1] = text:sub(at, stop - 1)
				at = stop
			end
			if text:sub(at, at) ~= "," then break end
			at = at + 1
		end
		if text:sub(at, at) == "\r" then at = at + 1 end
		if text:sub(at, at) == "\n" then at = at + 1 end
		line = line + 1
		return began, fields
	end
end

-- ---- what a field says -----------------------------------------------------------

local function known(text)
	if text == "?" or text == "" then return nil end
	return text
end

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function days_in(month, year)
	local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
	return month == 2 and leap and 29 or DAYS[month]
end

-- "29/2/2016 01:23" as minutes that only serve to order rows, and as RFC 3339. nil when it is no such time.
local function instant(text)
	local day, month, year, hour, minute = text:match("^(%d%d?)/(%d%d?)/(%d%d%d%d) (%d%d?):(%d%d)$")
	if not day then return nil end
	day, month, year = math.tointeger(day), math.tointeger(month), math.tointeger(year)
	hour, minute = math.tointeger(hour), math.tointeger(minute)
	if month < 1 or month > 12 or day < 1 or day > days_in(month, year) or hour > 23 or minute > 59 then return nil end
	local order = (((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute
	return order, ("%04d-%02d-%02dT%02d:%02d:00Z"):format(year, month, day, hour, minute)
end

-- "Updated by 21" is one of those who work on incidents, number 21.
local function actor(text)
	local number = text:match("^Updated by%s+(.+)$")
	return "agent:" .. (number or text)
end

-- ---- JSON ---------------------------------------------------------------------------

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\b"] = "\\b", ["\f"] = "\\f" }

local function json_text(text)
	return '"' .. text:gsub('[%c"\\]', function(c) return ESCAPES[c] or (c == "\127" and c) or ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- [members]: name, value, name, value, …, sorted by name; a value is JSON already, or nil and then left out.
local function json_map(n, members)
	local parts = {}
	for i = 1, n, 2 do
		if members[i + 1] then parts[#parts + 1] = '"' .. members[i] .. '":' .. members[i + 1] end
	end
	return "{" .. table.concat(parts, ",") .. "}"
end

-- ---- rows -----------------------------------------------------------------------------

-- Where the columns stand, by name.
local function columns_of(line, header)
	local columns, missing = {}, {}
	for i, name in ipairs(header) do
		if columns[name] then give_up(line, "column %s stands there twice: expected each once", shown(name)) end
		columns[name] = i
	end
	for _, name in ipairs(NEEDED) do
		if not columns[name] then missing[#missing + 1] = name end
	end
	if #missing > 0 then
		give_up(line, "the header lacks %s: expected a first line that names the columns, %s among them",
			table.concat(missing, ", "), table.concat(NEEDED, ", "))
	end
	return columns
end

local function reader_of(line, fields, columns)
	local read = {}
	local function raw(name) return fields[columns[name]] end

	function read.text(name)
		local text = known(raw(name))
		if text and not utf8.len(text) then
			say(line, "column %s is not valid UTF-8: expected the file to be UTF-8", name)
			return nil
		end
		return text and json_text(text)
	end
	function read.count(name)
		local text = known(raw(name))
		if text and not text:find("^%d%d?%d?%d?%d?%d?%d?%d?%d?$") then
			say(line, "column %s is %s: expected a whole number, 0 or more", name, shown(text))
			return nil
		end
		return text and tostring(math.tointeger(text))
	end
	function read.state(name)
		local text = known(raw(name))
		if not text or text == LOST_STATE then return nil end
		if not STATES[text] then
			say(line, "column %s is %s: expected New, Active, Awaiting User Info, Awaiting Vendor, Awaiting Problem, "
				.. "Awaiting Evidence, Resolved or Closed", name, shown(text))
			return nil
		end
		return json_text(STATES[text])
	end
	function read.priority(name)
		local text = known(raw(name))
		local digit = text and text:match("^(%d) %- %a+$")
		if text and not (digit and PRIORITIES[digit]) then
			say(line, "column %s is %s: expected 1 - Critical, 2 - High, 3 - Moderate or 4 - Low", name, shown(text))
			return nil
		end
		return digit and json_text(PRIORITIES[digit])
	end
	function read.instant(name)
		local text = known(raw(name))
		if not text then return nil end
		local order, at = instant(text)
		if not order then say(line, "column %s is %s: expected day/month/year hour:minute, as in 29/2/2016 01:23", name, shown(text)) end
		return order, at
	end
	return read
end

-- One row as { number, order, at, by, data, opening }, the last three JSON; nil when it was refused.
local function understood(line, fields, columns)
	local before = refused
	local read = reader_of(line, fields, columns)
	local number = known(fields[columns.number])
	if not number then say(line, "column number is empty: expected the incident's number, as in INC0000045") end
	local order, at = read.instant("sys_updated_at")
	if not order and refused == before then
		say(line, "column sys_updated_at is empty: expected day/month/year hour:minute, as in 29/2/2016 01:23")
	end
	local _, reported_at = read.instant("opened_at")
	local by = known(fields[columns.sys_updated_by])
	local row = {
		number = read.text("number"),
		order = order,
		at = at,
		by = by and utf8.len(by) and json_text(actor(by)),
		data = json_map(12, {
			"assignee", read.text("assigned_to"),
			"group", read.text("assignment_group"),
			"priority", read.priority("priority"),
			"reassignments", read.count("reassignment_count"),
			"reopenings", read.count("reopen_count"),
			"state", read.state("incident_state"),
		}),
		opening = json_map(8, {
			"caller", read.text("caller_id"),
			"category", read.text("category"),
			"contact", read.text("contact_type"),
			"reported_at", reported_at and json_text(reported_at),
		}),
	}
	if by and not row.by then say(line, "column sys_updated_by is not valid UTF-8: expected the file to be UTF-8") end
	return refused == before and row or nil
end

local function rows_of(text)
	local rows, columns, width, seen = {}, nil, nil, {}
	for line, fields in records(text) do
		if not columns then
			columns, width = columns_of(line, fields), #fields
		elseif #fields == 1 and fields[1] == "" then
			-- An empty line is no row, and says nothing that could be lost.
		elseif #fields ~= width then
			say(line, "the row has %d field(s): expected %d, as many as the header", #fields, width)
		else
			local row = understood(line, fields, columns)
			if row then
				seen[row.number] = (seen[row.number] or 0) + 1
				row.place = seen[row.number]
				rows[#rows + 1] = row
			end
		end
	end
	if not columns then give_up(1, "the file is empty: expected a first line that names the columns") end
	return rows
end

-- ---- envelopes --------------------------------------------------------------------------

-- The rows' places, by (time, row). One integer holds both, so sorting cannot swap rows of one minute.
local function in_order(rows)
	local keys = {}
	for i, row in ipairs(rows) do keys[i] = row.order << 28 | i end
	table.sort(keys)
	for i, key in ipairs(keys) do keys[i] = key & 0xfffffff end
	return keys
end

local function write_envelopes(rows, out)
	local opened = {}
	for _, i in ipairs(in_order(rows)) do
		local row = rows[i]
		local is_first = not opened[row.number]
		opened[row.number] = true
		out:write(json_map(18, {
			"at", json_text(row.at),
			"by", row.by,
			"case", row.number,
			"data", row.data,
			"event", '"incident.updated"',
			"id", row.number:sub(1, -2) .. "/" .. row.place .. '"',
			"open", is_first and '{"data":' .. row.opening .. "}" or nil,
			"playbook", is_first and '"it-incident"' or nil,
			"v", "1",
		}), "\n")
	end
end

-- ---- the command ---------------------------------------------------------------------------

if #arg > 1 or arg[1] == "--help" then
	io.stderr:write("usage: lua5.4 convert.lua [FILE.csv] > events.jsonl\nwithout a file, or with -, it reads standard input\n")
	os.exit(arg[1] == "--help" and 0 or 2)
end

local input = io.stdin
if arg[1] and arg[1] ~= "-" then
	file_name = arg[1]
	local why
	input, why = io.open(file_name, "rb")
	if not input then
		io.stderr:write(why, "\n")
		os.exit(1)
	end
end

local rows = rows_of(input:read("a"))
if refused > 0 then
	if refused > MOST_MESSAGES then io.stderr:write(("and %d more\n"):format(refused - MOST_MESSAGES)) end
	io.stderr:write("nothing was written\n")
	os.exit(1)
end
io.stdout:setvbuf("full")
write_envelopes(rows, io.stdout)
