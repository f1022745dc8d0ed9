-- SPDX-License-Identifier: MIT
--
-- Holds stdlib/meta/aplomb.lua to what lua-language-server reads: it is Lua; ---@meta stands at its head; annotations are of known
-- kinds; every type that one names is defined there or is Lua's own; what ---@param names is a parameter of the function below it;
-- every word of the register is a function there, and every member of a case has a type.
--
--   aplomb words --as json | lua5.4 tests/words/stubs.lua      in the project's root

local read_json = dofile "tests/json_read.lua"
local PATH = "stdlib/meta/aplomb.lua"

local file = assert(io.open(PATH, "rb"))
local text = file:read("a")
file:close()

local complaints = 0
local function complain(line, format, ...)
	complaints = complaints + 1
	io.stderr:write(PATH, ":", line, ": ", format:format(...), "\n")
end

-- Run with nothing in reach, the file defines its words and touches nothing else.
local globals = {}
local chunk, why = load(text, "@" .. PATH, "t", globals)
if not chunk then
	complain(1, "it is no Lua: %s", why)
	os.exit(1)
end
chunk()
if not text:find("^%-%- SPDX[^\n]*\n%-%-%-@meta aplomb\n") then complain(1, "below its licence it does not say ---@meta aplomb") end

local LUAS_OWN = {}
for name in ("string integer number boolean table any nil fun id fields items case event path name body which counter data what kind about level message "
	.. "fields true false"):gmatch("%S+") do LUAS_OWN[name] = true end

-- What is defined.
local defined = {}
for name in text:gmatch("%-%-%-@class ([%w_.]+)") do defined[name] = true end
for name in text:gmatch("%-%-%-@alias ([%w_.]+)") do defined[name] = true end

-- The type at the beginning of a text; what follows it is a sentence.
local function type_of(rest)
	local depth, at = 0, 1
	while at <= #rest do
		local c = rest:sub(at, at)
		if c == '"' then
			at = rest:find('"', at + 1, true) or #rest
		elseif c:find("[({<]") then
			depth = depth + 1
		elseif c:find("[)}>]") then
			depth = depth - 1
		elseif c == " " and depth == 0 and not rest:sub(1, at - 1):find("[:,]$") then
			return rest:sub(1, at - 1)
		end
		at = at + 1
	end
	return rest
end

local KINDS = { meta = true, class = true, field = true, param = true, ["return"] = true, alias = true, operator = true, overload = true }
local parameters, n_fields = {}, 0
local number = 0
for line in text:gmatch("(.-)\n") do
	number = number + 1
	local kind, rest = line:match("^%-%-%-@(%w+)%s*(.*)$")
	if kind then
		if not KINDS[kind] then complain(number, "@%s is no annotation that we know", kind) end
		local written
		if kind == "field" or kind == "param" then
			local name, of = rest:match("^(%S+)%s+(.+)$")
			if not name then complain(number, "@%s without a name and a type", kind) else
				written = type_of(of)
				if kind == "param" then parameters[#parameters + 1] = name:gsub("%?$", "") else n_fields = n_fields + 1 end
			end
		elseif kind == "return" then
			written = type_of(rest)
		elseif kind == "alias" then
			written = rest:match("^%S+%s+(.+)$")
		elseif kind == "class" then
			written = rest:match(":%s*(.+)$")
		elseif kind == "operator" then
			written = rest:match("^%w+(.*)$")
		end
		for name in ((written or ""):gsub('"[^"]*"', "")):gmatch("[%a_][%w_.]*") do
			if not defined[name] and not LUAS_OWN[name] and not (written or ""):find(name .. "%??:") then
				complain(number, "the type %s is not defined", name)
			end
		end
	elseif line:find("^function ") then
		local list = line:match("%((.-)%)")
		for _, name in ipairs(parameters) do
			if not ((" " .. list .. ","):find("[ ,]" .. name:gsub("%.", "%%.") .. ",")) then complain(number, "no parameter is called %s", name) end
		end
		parameters = {}
	elseif not line:find("^%-%-%-") then
		if #parameters > 0 then complain(number, "@param stands above no function") end
		parameters = {}
	end
end

for _, word in ipairs(read_json(io.read("a"))) do
	if word.kind == "case" then
		local owner, mark, member = word.name:match("^(%w+)([.:])([%w_]+)$")
		if mark == ":" then
			local class = owner:sub(1, 1):upper() .. owner:sub(2)
			if not text:find("\nfunction " .. class .. ":" .. member .. "%([%a_]") then complain(1, "%s has no parameters", word.name) end
		elseif not text:find("\n%-%-%-@field " .. member .. " ") then
			complain(1, "%s is no field of %s", member, owner)
		end
	elseif word.kind ~= "library" and word.kind ~= "module" and type(globals[word.name]) ~= "function" then
		complain(1, "the word %s is not there", word.name)
	end
end

if n_fields < 50 then complain(1, "only %d fields", n_fields) end
if complaints > 0 then os.exit(1) end
print(("%d lines, %d fields: as lua-language-server reads them"):format(number, n_fields))
