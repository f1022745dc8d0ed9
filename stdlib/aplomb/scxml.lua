-- SPDX-License-Identifier: MIT
-- What charts that `aplomb import` brought in from SCXML do where the core has no
-- word of its own: sends whose target or delay is known only when they happen,
-- foreach over a copy, values that are bound late. docs/scxml.md says what each
-- of SCXML's elements becomes.
-- luacheck: read globals _event _try

local PROCESSOR = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor"
local UNITS = { ms = 1000, s = 1000000, m = 60000000, h = 3600000000, d = 86400000000 }

local scxml = {}

--- A delay as SCXML writes it ("1.5s", ".5s", "200ms"), in microseconds.
function scxml.delay(text)
	if type(text) == "number" then text = tostring(text) .. "ms" end
	local number, unit
	if type(text) == "string" then
		number, unit = string.match(text, "^%s*([%d.]+)%s*(%a+)%s*$")
		number = tonumber(number)
	end
	if not number or not UNITS[unit] then
		error('a delay is a number and a unit, "1.5s" or "200ms", not ' .. tostring(text))
	end
	return math.floor(number * UNITS[unit] + 0.5)
end

--- An id that no send of this case had before.
function scxml.id(case)
	local variables = case.data.variables
	variables._sent = (variables._sent or 0) + 1
	return "send." .. tostring(variables._sent)
end

-- Whom a target of SCXML's names: nobody (nil) is the case itself; false: nobody that can be reached.
local function addressee(case, target)
	if target == nil or target == "" or target == "#_scxml_" .. case.id then return nil end
	if target == "#_parent" or case.parent and target == "#_scxml_" .. case.parent then return "parent" end
	if string.sub(target, 1, 8) ~= "#_scxml_" then return "child:" .. string.sub(target, 3) end
	-- A child's id is its parent's, the invocation's, and which of them it is: "c-1/s0.1.4".
	local children = case.id .. "/"
	if string.sub(target, 9, 8 + #children) ~= children then return false end
	return "child:" .. (string.match(string.sub(target, 9 + #children), "^(.*)%.%d+$") or "")
end

--- <send>: { event =, data =, target =, type =, delay =, id = }.
function scxml.send(case, what)
	if type(what.event) ~= "string" or what.event == "" then
		case:fail("error.execution", "a send needs the name of an event, and got " .. tostring(what.event), what.id)
	end
	local kind = what.type
	if kind ~= nil and kind ~= "" and kind ~= "scxml" and kind ~= PROCESSOR then
		case:fail("error.execution", "no event processor of type " .. tostring(kind) .. " is here, only SCXML's own", what.id)
	end
	local after = what.delay ~= nil and scxml.delay(what.delay) or 0
	local target = what.target
	if target ~= nil and target ~= "" and (type(target) ~= "string" or string.sub(target, 1, 2) ~= "#_") then
		case:fail("error.execution", tostring(target) .. " is no target that an event can be sent to", what.id)
	end
	if target == "#_internal" then
		if after > 0 then
			case:fail("error.execution", "what goes to #_internal cannot be delayed", what.id)
		end
		case:raise(what.event, { data = what.data }, what.id)
		return
	end
	local to = addressee(case, target)
	if to == false then
		case:fail("error.communication", "session " .. target .. " cannot be reached from here", what.id)
	else
		case:send { event = what.event, data = { data = what.data }, to = to, after = after, id = what.id }
	end
end

--- <invoke>: fails unless the type is SCXML's own.
function scxml.type(name)
	if name ~= "scxml" and name ~= "http://www.w3.org/TR/scxml" and name ~= "http://www.w3.org/TR/scxml/" then
		error("nothing of type " .. tostring(name) .. " can be invoked here, only charts of SCXML")
	end
end

--- <invoke>: the playbook that a chart became which stands as a value, or whose document is named. [sources]: those that came along.
function scxml.chart(value, sources)
	if type(value) == "table" and type(value.scxml) == "string" then return value.scxml end
	local name = type(value) == "string" and string.match(value, "^%s*(.-)%s*$") or ""
	if string.sub(name, 1, 5) == "file:" then name = string.sub(name, 6) end
	local id = sources and sources[name]
	if not id then error(tostring(value) .. " is no chart that came along with this one") end
	return id
end

--- <data> of a chart that is invoked: was it handed over? Then it is what it was handed.
function scxml.given(case, name)
	local variables = case.data.variables
	local given = variables._given
	if not given or given[name] == nil then return false end
	variables[name] = given[name]
	return true
end

--- An empty <finalize>: what the event brings back under that name, or what was there.
function scxml.returned(name, before)
	local data = _event.data
	if type(data) == "table" and data[name] ~= nil then return data[name] end
	return before
end

--- What may fail without ending its block: the error is raised, and there is no value. A <param>, a <content>, the cond of an <if>.
function scxml.try(expression)
	local _, value = _try(expression)
	return value
end

--- What <param>s make of an event's data, of which each may fail: nothing when all did.
function scxml.data(params)
	return next(params) ~= nil and params or nil
end

--- Several <param>s of one name, those that failed left out.
function scxml.list(...)
	local list = {}
	for i = 1, select("#", ...) do list[#list + 1] = (select(i, ...)) end
	return list
end

--- <foreach>: goes through a copy, so that the block may change the array.
function scxml.items(array)
	if type(array) ~= "table" then
		error("foreach goes through a table, not " .. tostring(array))
	end
	return ipairs(table.move(array, 1, #array, 1, {}))
end

--- binding="late": true the first time that a state is entered.
function scxml.first(case, state)
	local variables = case.data.variables
	variables._bound = variables._bound or {}
	if variables._bound[state] then return false end
	variables._bound[state] = true
	return true
end

--- <log>
function scxml.log(case, label, value)
	if type(value) == "table" then
		case:log("info", label, { value = value })
	else
		local separator = string.find(label, "[^:%s]$") and ": " or ""
		case:log("info", label .. separator .. tostring(value))
	end
end

return scxml
