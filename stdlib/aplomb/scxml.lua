-- SPDX-License-Identifier: MIT
-- What charts that `aplomb import` brought in from SCXML do where the core has no
-- word of its own: sends whose target or delay is known only when they happen,
-- foreach over a copy, values that are bound late. docs/scxml.md says what each
-- of SCXML's elements becomes.

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
	if target == nil or target == "" or target == "#_scxml_" .. case.id then
		case:send { event = what.event, data = { data = what.data }, after = after, id = what.id }
	elseif target == "#_internal" then
		if after > 0 then
			case:fail("error.execution", "what goes to #_internal cannot be delayed", what.id)
		end
		case:raise(what.event, { data = what.data }, what.id)
	elseif type(target) == "string" and string.sub(target, 1, 2) == "#_" then
		case:fail("error.communication", "session " .. target .. " cannot be reached from here", what.id)
	else
		case:fail("error.execution", tostring(target) .. " is no target that an event can be sent to", what.id)
	end
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
