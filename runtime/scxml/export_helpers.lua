-- SPDX-License-Identifier: MIT
-- Functions that an exported document of SCXML brings along, each only when it
-- is needed: what playbooks mean and Lua does not. They answer nil for what is
-- missing, and raise an error where the playbook would be in trouble.
-- runtime/scxml/export_helpers.c takes them from here, by their names.

function Less(a, b)
	if a ~= nil and b ~= nil then return a < b end
end

function AtMost(a, b)
	if a ~= nil and b ~= nil then return a <= b end
end

function Same(a, b)
	if a ~= nil and b ~= nil then return a == b end
end

function Truth(is, is_not)
	if is then return true end
	if is_not then return false end
end

function Contains(text, piece)
	if text ~= nil and piece ~= nil then return string.find(text, piece, 1, true) ~= nil end
end

function Holds(list, value)
	if list == nil or value == nil then return nil end
	for _, item in ipairs(list) do
		if item == value then return true end
	end
	return false
end

function Length(text)
	if text ~= nil then return utf8.len(text) end
end

function Size(value)
	if value ~= nil then return #value end
end

function Number(n)
	if n == nil then return nil end
	if n + 0.0 ~= n then error(tostring(n) .. " is exactly no number of 64 bits") end
	return n + 0.0
end

function Sum(a, b)
	if a == nil or b == nil then return nil end
	local sum = a + b
	if math.type(sum) == "integer" and (sum ~ a) & (sum ~ b) < 0 then error("a sum beyond 64 bits") end
	if sum - sum ~= 0 then error("a sum without end") end
	return sum
end

function Difference(a, b)
	if a == nil or b == nil then return nil end
	local rest = a - b
	if math.type(rest) == "integer" and (a ~ b) & (rest ~ a) < 0 then error("a difference beyond 64 bits") end
	if rest - rest ~= 0 then error("a difference without end") end
	return rest
end

function Product(a, b)
	if a == nil or b == nil then return nil end
	local product = a * b
	if math.type(product) == "integer" then
		local is_least = a == -1 and b == math.mininteger or b == -1 and a == math.mininteger
		if is_least or a ~= 0 and a ~= -1 and product // a ~= b or a ~= 0 and product % a ~= 0 then error("a product beyond 64 bits") end
	end
	if product - product ~= 0 then error("a product without end") end
	return product
end

function Quotient(a, b)
	if a == nil or b == nil then return nil end
	if b == 0 then error("a division by zero") end
	local part = a / b
	if part - part ~= 0 then error("a quotient without end") end
	return part
end

function FloorQuotient(a, b)
	if a == nil or b == nil then return nil end
	if b == 0 then error("a division by zero") end
	local part = a // b
	if math.type(part) == "integer" and b == -1 and a == math.mininteger then error("a quotient beyond 64 bits") end
	if part - part ~= 0 then error("a quotient without end") end
	return part
end

function Rest(a, b)
	if a == nil or b == nil then return nil end
	if b == 0 then error("a division by zero") end
	local rest = a % b
	if rest - rest ~= 0 then error("a rest without end") end
	return rest
end

function Money(text)
	local sign, whole, part, currency = string.match(text, "^(-?)(%d+)%.?(%d*) (%u%u%u)$")
	if not whole then error(tostring(text) .. " is no money") end
	local minor = math.tointeger(tonumber(sign .. whole .. part))
	if minor == nil then error(text .. " is beyond 64 bits") end
	return minor, currency, #part
end

function MoneyText(minor, currency, digits)
	local text = tostring(minor)
	local sign = ""
	if minor < 0 then sign, text = "-", string.sub(text, 2) end
	if digits > 0 then
		text = string.rep("0", digits + 1 - #text) .. text
		text = string.sub(text, 1, -digits - 1) .. "." .. string.sub(text, -digits)
	end
	return sign .. text .. " " .. currency
end

function MoneyLess(a, b)
	if a == nil or b == nil then return nil end
	local m, c = Money(a)
	local n, d = Money(b)
	if c ~= d then error("two currencies are not compared") end
	return m < n
end

function MoneyAtMost(a, b)
	if a == nil or b == nil then return nil end
	local m, c = Money(a)
	local n, d = Money(b)
	if c ~= d then error("two currencies are not compared") end
	return m <= n
end

function MoneySame(a, b)
	if a == nil or b == nil then return nil end
	local m, c = Money(a)
	local n, d = Money(b)
	if c ~= d then error("two currencies are not compared") end
	return m == n
end

function MoneySum(a, b)
	if a == nil or b == nil then return nil end
	local m, c, digits = Money(a)
	local n, d = Money(b)
	if c ~= d then error("two currencies have no sum") end
	return MoneyText(Sum(m, n), c, digits)
end

function MoneyDifference(a, b)
	if a == nil or b == nil then return nil end
	local m, c, digits = Money(a)
	local n, d = Money(b)
	if c ~= d then error("two currencies have no difference") end
	return MoneyText(Difference(m, n), c, digits)
end

function MoneyProduct(a, times)
	if a == nil or times == nil then return nil end
	local m, c, digits = Money(a)
	return MoneyText(Product(m, times), c, digits)
end

function Span(value)
	if type(value) ~= "string" then return value end
	local units = { w = 604800000000, d = 86400000000, h = 3600000000, m = 60000000, s = 1000000, ms = 1000, us = 1 }
	local span, rest = 0, value
	for number, unit in string.gmatch(value, "(%d+)(%a+)") do
		if not units[unit] then error(value .. " is no span") end
		span = span + math.tointeger(tonumber(number)) * units[unit]
	end
	if string.gsub(rest, "%d+%a+", "") ~= "" then error(value .. " is no span") end
	return span
end

function Instant(value)
	if type(value) ~= "string" then return value end
	local year, month, day, hour, minute, second, rest = string.match(value, "^(%d%d%d%d)-(%d%d)-(%d%d)[Tt](%d%d):(%d%d):(%d%d)(.*)$")
	if not year then error(value .. " is no instant") end
	local fraction, sign, hours, minutes = string.match(rest, "^%.?(%d*)([Zz+-])(%d*):?(%d*)$")
	if not sign then error(value .. " is no instant") end
	local y, m = math.tointeger(tonumber(year)), math.tointeger(tonumber(month))
	if m <= 2 then y, m = y - 1, m + 12 end
	local days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + math.tointeger(tonumber(day)) - 719469
	local seconds = ((days * 24 + math.tointeger(tonumber(hour))) * 60 + math.tointeger(tonumber(minute))) * 60 + math.tointeger(tonumber(second))
	local offset = hours ~= "" and (math.tointeger(tonumber(hours)) * 60 + math.tointeger(tonumber(minutes))) * 60 or 0
	if sign == "+" then offset = -offset end
	return (seconds + offset) * 1000000 + math.tointeger(tonumber(string.sub(fraction .. "000000", 1, 6)))
end

function Known(value)
	if value == nil then error("a value is missing") end
	return value
end

function Within(n, min, max)
	if n ~= nil and (min and n < min or max and n > max) then error(tostring(n) .. " is beyond its bounds") end
	return n
end

function MoneyWithin(value, min, max)
	if value ~= nil and (min and MoneyLess(value, min) or max and MoneyLess(max, value)) then error(value .. " is beyond its bounds") end
	return value
end

function TextWithin(text, min, max)
	local size = text and utf8.len(text)
	if size and (min and size < min or max and size > max) then error("a text is shorter or longer than it may be") end
	return text
end

function OneOf(value, ...)
	if value == nil then return nil end
	for _, choice in ipairs({ ... }) do
		if choice == value then return value end
	end
	error(tostring(value) .. " is none of the choices")
end

function EventName()
	if _event ~= nil then return _event.name end
end

function Integer(n)
	if n ~= nil and math.type(n) ~= "integer" then error(tostring(n) .. " is no integer") end
	return n
end

function Float(n)
	if n == nil then return nil end
	if type(n) ~= "number" or n - n ~= 0 or n + 0.0 ~= n then error(tostring(n) .. " is no number") end
	return n + 0.0
end

function Text(text)
	if text ~= nil and type(text) ~= "string" then error(tostring(text) .. " is no text") end
	return text
end

function Boolean(truth)
	if truth ~= nil and type(truth) ~= "boolean" then error(tostring(truth) .. " is neither true nor false") end
	return truth
end

function Answer(truth)
	if truth ~= nil and type(truth) ~= "boolean" then error("a guard answers true or false, not " .. tostring(truth)) end
	return truth
end

function Seconds(span)
	if span == nil or span < 0 then error(tostring(span) .. " is no delay") end
	return string.format("%d.%06ds", span // 1000000, span % 1000000)
end

function Repeated(span)
	if span == 0 then error("what repeats needs a delay of more than zero") end
	return Seconds(span)
end

function Matches(name, descriptor)
	return name == descriptor or string.sub(name, 1, #descriptor + 1) == descriptor .. "."
end

function First(name)
	local bound = _bound or {}
	if bound[name] then return false end
	bound[name] = true
	_bound = bound
	return true
end

-- Of the event of the moment; what the line says becomes the defaults of the fields that are asked for.
function Carried(path)
	local value = _event ~= nil and _event.data or nil
	for name in string.gmatch(path, "[^.]+") do
		if type(value) ~= "table" then value = nil end
		value = value and value[name]
		if value == nil then break end
	end
	-- defaults
	return value
end
