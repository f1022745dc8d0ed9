-- SPDX-License-Identifier: MIT
--
-- JSON, enough of it for tests that look into journals and data sets. It trusts the text: what a journal may hold, the runtime's
-- own reader and its tests decide.
--
--   local read_json = dofile "tests/json_read.lua"
--   local value, names = read_json(text)    names[map]: the map's names in their order

local byte, find, sub = string.byte, string.find, string.sub

local ESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local read

local function after_blanks(text, at)
	return find(text, "[^ \t\r\n]", at) or #text + 1
end

local function read_text(text, at)
	local stop = find(text, '["\\]', at)
	if byte(text, stop) == 34 then return sub(text, at, stop - 1), stop + 1 end
	local parts = {}
	while true do
		parts[#parts + 1] = sub(text, at, stop - 1)
		if byte(text, stop) == 34 then return table.concat(parts), stop + 1 end
		local escaped = sub(text, stop + 1, stop + 1)
		if escaped == "u" then
			local code = tonumber(sub(text, stop + 2, stop + 5), 16)
			at = stop + 6
			-- Beyond the first plane a character is two escapes.
			local low = code >= 0xD800 and code < 0xDC00 and text:match("^\\u(%x%x%x%x)", at)
			if low then
				code = 0x10000 + ((code - 0xD800) << 10) + (tonumber(low, 16) - 0xDC00)
				at = at + 6
			end
			parts[#parts + 1] = utf8.char(code)
		else
			parts[#parts + 1] = ESCAPED[escaped]
			at = stop + 2
		end
		stop = find(text, '["\\]', at)
	end
end

local function read_map(text, at, names)
	local map, order = {}, {}
	names[map] = order
	at = after_blanks(text, at)
	if sub(text, at, at) == "}" then return map, at + 1 end
	while true do
		local name
		name, at = read_text(text, after_blanks(text, at) + 1)
		order[#order + 1] = name
		map[name], at = read(text, after_blanks(text, at) + 1, names)
		at = after_blanks(text, at)
		if sub(text, at, at) == "}" then return map, at + 1 end
		at = at + 1
	end
end

local function read_list(text, at, names)
	local list = {}
	at = after_blanks(text, at)
	if sub(text, at, at) == "]" then return list, at + 1 end
	while true do
		list[#list + 1], at = read(text, at, names)
		at = after_blanks(text, at)
		if sub(text, at, at) == "]" then return list, at + 1 end
		at = at + 1
	end
end

local WORDS = { ["true"] = true, ["false"] = false }

function read(text, at, names)
	at = after_blanks(text, at)
	local first = sub(text, at, at)
	if first == '"' then return read_text(text, at + 1) end
	if first == "{" then return read_map(text, at + 1, names) end
	if first == "[" then return read_list(text, at + 1, names) end
	local word = text:match("^[^,%]} \t\r\n]+", at)
	local value = tonumber(word)
	if value == nil then value = WORDS[word] end -- null is nil
	return value, at + #word
end

return function(text)
	local names = setmetatable({}, { __mode = "k" })
	return (read(text, 1, names)), names
end
