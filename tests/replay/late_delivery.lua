-- SPDX-License-Identifier: MIT
--
-- Writes events for cases of playbooks/late-delivery, an envelope a line in the order of their times: customers and agents who say
-- and do what they should, one after the other, and now and then what they may at any time, whether it fits or not. The same N gives
-- the same bytes, on any machine.
--
--   lua5.4 late_delivery.lua N

local N = tonumber(arg[1]) or 40
local seed = 20260331

-- A generator of our own: Lua's is another one in other versions.
local function below(bound)
	seed = (seed * 1103515245 + 12345) & 0x7fffffff
	return (seed >> 8) % bound
end
local function pick(list) return list[below(#list) + 1] end

local TONES = { "-1.0", "-0.6", "-0.2", "0.0", "0.4", "0.9" }
local OPTIONS = { "redeliver", "refund", "voucher", "refund-approved" }
local function said() return ('{"text":"No. %d","tone":%s,"abusive":%s}'):format(below(100), pick(TONES), below(8) == 0 and "true" or "false") end
local function option() return ('{"option":"%s"}'):format(pick(OPTIONS)) end
local function text() return ('{"text":"%d"}'):format(below(100)) end
local function reason() return ('{"reason":"%d"}'):format(below(100)) end

-- A conversation as it should be.
local STORY = {
	{ "customer.message", said }, { "customer.done" }, { "agent.summary", text }, { "customer.confirms" },
	{ "agent.cause", function() return ('{"cause":"%s"}'):format(pick { "stress", "product", "misunderstanding", "bad-day" }) end },
	{ "agent.offers" }, { "customer.picks", option },
	{ "customer.answers", function() return ('{"happy":%s}'):format(below(2) == 0 and "true" or "false") end },
	{ "record.concerns", text }, { "record.steps", text },
	{ "record.outcome", function() return '{"outcome":"solved","text":"it is"}' end },
}
local EVENTS = {
	{ "customer.message", said }, { "customer.message", said }, { "customer.message", said }, { "customer.done" }, { "customer.confirms" },
	{ "customer.corrects", text }, { "customer.picks", option }, { "customer.picks", option }, { "customer.rejects", option },
	{ "customer.answers", function() return ('{"happy":%s}'):format(below(2) == 0 and "true" or "false") end },
	{ "agent.message", text }, { "agent.message", text }, { "agent.summary", text }, { "agent.summary", text },
	{ "agent.cause", function() return ('{"cause":"%s"}'):format(pick { "stress", "product", "misunderstanding", "bad-day" }) end },
	{ "agent.offers" }, { "agent.offers" }, { "choosing.approved", option }, { "choosing.refused", option }, { "respect.strike" },
	{ "supervisor.requested", reason }, { "supervisor.withdrawn" }, { "supervisor.taken", function() return '{"by":"ruth"}' end },
	{ "person.acknowledges" }, { "record.outcome", function() return '{"outcome":"solved"}' end }, { "listening.interrupted" },
}

-- Minutes since Monday, 30 March 2026, nine o'clock.
local function at(minute, second)
	local day, rest = minute // 1440, minute % 1440
	rest = rest + 540
	day = day + rest // 1440
	rest = rest % 1440
	local month, date = 3, 30 + day
	if date > 31 then month, date = 4, date - 31 end
	return ("2026-%02d-%02dT%02d:%02d:%02dZ"):format(month, date, rest // 60, rest % 60, second)
end

local lines = {}
for case = 1, N do
	local minute, story = below(2 * 1440), 1
	for n = 1, 4 + below(20) do
		local event, second = pick(EVENTS), below(60)
		if story <= #STORY and below(10) < 7 then
			event = STORY[story]
			story = story + 1
		end
		local open = n == 1 and (',"subject":"customer %d","open":{"data":{"order":"A-%d","value":"%d.00 GBP"},"locale":"en"}'):format(case, case,
			10 + below(90)) or ""
		local id = below(3) == 0 and (',"id":"e%d"'):format(below(10)) or ""
		local data = event[2] and ',"data":' .. event[2]() or ""
		lines[#lines + 1] = { minute * 60 + second, #lines, ('{"case":"c%d","event":"%s","at":"%s","by":"%s"%s%s%s}'):format(case, event[1],
			at(minute, second), event[1]:match("^customer") and "customer" or "agent:mira", id, data, open) }
		minute = minute + (below(6) == 0 and below(1440) or below(12))
	end
end
table.sort(lines, function(a, b)
	if a[1] ~= b[1] then return a[1] < b[1] end
	return a[2] < b[2]
end)
for _, line in ipairs(lines) do io.write(line[3], "\n") end
