-- SPDX-License-Identifier: MIT
--
-- Solutions: several options are put before the customer, and the customer picks.
-- An option can have a condition, and another one that stands in its place when it
-- does not hold; it can need somebody's approval. Whatever is closed is told with
-- the reason, so that nobody has to guess, and no refusal is shown without what can
-- be had instead.
--
-- What the customer turned down, and what was not approved, stays closed: a menu that
-- is shown again offers what is left.

local talk = require "aplomb.talk"

local solutions = {}

solutions.option = define "solutions.option" {
	sentence = "Something that can be offered.",
	named = true,
	fields = {
		title = { "text", "phrase", required = true, sentence = "What the customer reads." },
		when = { "condition", sentence = "The condition under which it is open." },
		unless = { "text", sentence = "Why it is closed when its condition does not hold, for people; without it the condition." },
		otherwise = { "text", sentence = "The option that is offered in its place then, and only then." },
		cost = { "text", "from", sentence = "What it costs us: an amount." },
		authority = { "text", sentence = "Who has to approve it first." },
		compromise = { "boolean", default = false, sentence = "It meets the customer halfway." },
	},
}

-- What the `menu` effect says of an option that is open, and of one that is not.
local OPTION = fields {
	id = text { required = true }, title = text { required = true }, cost = money {},
	authority = text {}, compromise = boolean {},
}
local CLOSED = fields { id = text { required = true }, why = text { required = true }, instead = text {} }

-- ---- what an option is worth, in a case ----------------------------------------------

local function always_true() return true end

-- The option as the handlers see it: nothing in it changes.
local function prepare(id, option)
	local condition = option.when and described(option.when)
	return {
		id = option.id,
		title = option.title,
		holds = option.when or always_true,
		unless = option.unless or condition and condition.name .. " does not hold" or "its condition does not hold",
		otherwise = option.otherwise,
		cost = option.cost,
		authority = option.authority,
		compromise = option.compromise,
		rejected = id .. "." .. option.id .. ".rejected",
		refused = option.authority and id .. "." .. option.id .. ".refused",
	}
end

-- Why the option is closed now, or nil when it is open.
local function reason_against(case, event, option)
	if option.instead_of and option.instead_of.holds(case, event) == true then
		return 'it is offered only in place of "' .. option.instead_of.id .. '"'
	end
	if option.holds(case, event) ~= true then return option.unless end
	if case:count(option.rejected) > 0 then return "the customer does not want it" end
	if option.refused and case:count(option.refused) > 0 then return "it was not approved" end
	return nil
end

-- ---- guards and actions ----------------------------------------------------------------

local function is_of(menu, event) return event.menu == nil or event.menu == menu end

-- The same as text.
local function of(menu) return "(not has(event.menu) or event.menu == '" .. menu .. "')" end

local function nothing_open(options)
	return function(case, event)
		for _, option in ipairs(options) do
			if not reason_against(case, event, option) then return false end
		end
		return true
	end
end

local function picks(menu, option)
	return function(case, event)
		return event.option == option.id and is_of(menu, event) and not reason_against(case, event, option)
	end
end

local function rejects_all(menu)
	return "not has(event.option) and " .. of(menu)
end

local function names_option(menu, option)
	return "event.option == '" .. option.id .. "' and " .. of(menu)
end

local function answers_about(option)
	return "not has(event.option) or event.option == '" .. option.id .. "'"
end

-- Shows what is open, and says of the rest why it is not.
local function show(menu, options)
	return function(case, event)
		local open, closed = {}, {}
		for _, option in ipairs(options) do
			local reason = reason_against(case, event, option)
			if reason then
				table.insert(closed, { id = option.id, why = reason, instead = option.otherwise })
			else
				table.insert(open, {
					id = option.id, title = case:value(option.title), cost = case:value(option.cost),
					authority = option.authority, compromise = option.compromise,
				})
			end
		end
		case:effect("menu", { menu = menu, options = open, closed = closed })
	end
end

local function accept(menu, option)
	return function(case)
		local cost = case:value(option.cost)
		case:effect("carry-out", { menu = menu, option = option.id, cost = cost })
		case:raise(menu .. ".accepted", { option = option.id, cost = cost })
	end
end

local function ask_for_approval(menu, option)
	return function(case)
		case:effect("approve", { menu = menu, option = option.id, authority = option.authority, cost = option.cost })
	end
end

local function give_up_approval(menu, option)
	return function(case) case:raise(menu .. ".refused", { option = option.id, reason = "nobody answered" }) end
end

-- ---- the menu ------------------------------------------------------------------------------

-- What is wrong with the options, or nil; else each knows which one it replaces.
local function connect(options)
	if #options == 0 then return 'a menu has one option at least: solutions.option "id" { title = "…" }' end
	local by_id = {}
	for _, option in ipairs(options) do
		if not string.match(option.id, "^[a-z][a-z0-9-]*$") then
			return 'option "' .. option.id .. '": an id is made of small letters, digits and "-"'
		end
		if by_id[option.id] then return 'there are two options "' .. option.id .. '"' end
		by_id[option.id] = option
	end
	for _, option in ipairs(options) do
		local other = option.otherwise
		if other then
			if not by_id[other] then return 'option "' .. option.id .. '": otherwise names "' .. other .. '", which is no option here' end
			if other == option.id then return 'option "' .. option.id .. '" cannot stand in its own place' end
			if by_id[other].instead_of then return 'option "' .. other .. '" stands in the place of two others' end
			by_id[other].instead_of = option
		end
	end
end

-- The nodes that wait for somebody's approval of the option.
local function approval(menu, option, answer_in)
	return state("approval-" .. option.id) {
		entry(ask_for_approval(menu, option)),
		on(menu .. ".approved") { to = "accepted", when = answers_about(option), act = accept(menu, option) },
		on(menu .. ".refused")  { to = "weighing", when = answers_about(option), because = "it was not approved" },
		after(answer_in)        { act = give_up_approval(menu, option), because = "nobody approved it in time" },
	}
end

local function picking(menu, options)
	local candidates = {}
	for _, option in ipairs(options) do
		if option.authority then
			table.insert(candidates, { to = "approval-" .. option.id, when = picks(menu, option) })
		else
			table.insert(candidates, { to = "accepted", when = picks(menu, option), act = accept(menu, option) })
		end
	end
	table.insert(candidates, { act = show(menu, options), because = "that cannot be chosen" })
	return candidates
end

solutions.menu = define "solutions.menu" {
	form = 'solutions.menu "id" { solutions.option …, …, done = { accepted = …, exhausted = … } }',
	sentence = "Puts options before the customer, who picks.",
	named = true,
	items = "solutions.option",
	fields = {
		patience = { "span", default = "1d", sentence = "How long the customer has to choose." },
		answer_in = { "span", default = "1h", sentence = "How long somebody has to approve an option." },
		done = { "outcomes", required = true, sentence = "Where `accepted` leads, and `exhausted`." },
	},
	make = function(id, fields, given)
		local options, needs_approval = {}, false
		for number, option in ipairs(given) do options[number] = prepare(id, option) end
		local mistake = connect(options)
		if mistake then return nil, mistake end

		local nodes = {
			done = fields.done,
			initial = "weighing",
			talk.declares,
			event(id .. ".accepted") { option = text { required = true }, cost = money {} },
			effect "menu" {
				menu = text { required = true },
				options = list { of = OPTION },
				closed = list { of = CLOSED },
			},
			effect "carry-out" { menu = text {}, option = text { required = true }, cost = money {} },
			state "weighing" {
				always { to = "exhausted", when = nothing_open(options), because = "nothing is left that could be offered" },
				always { to = "offering" },
			},
			state "offering" {
				entry(show(id, options)),
				on "customer.picks" (picking(id, options)),
				on "customer.rejects" {
					{ to = "exhausted", when = rejects_all(id), because = "the customer wants none of it" },
					{ to = "weighing" },
				},
				after(fields.patience) { to = "exhausted", because = "the customer did not choose" },
			},
			final "accepted" {},
			final "exhausted" {},
		}
		for _, option in ipairs(options) do
			table.insert(nodes, counter(option.rejected) { of = "customer.rejects", when = names_option(id, option) })
			if option.authority then
				needs_approval = true
				table.insert(nodes, counter(option.refused) { of = id .. ".refused", when = answers_about(option) })
				table.insert(nodes, approval(id, option, fields.answer_in))
			end
		end
		if needs_approval then
			table.insert(nodes, group {
				event(id .. ".approved") { option = text {} },
				event(id .. ".refused") { option = text {}, reason = text {} },
				effect "approve" { menu = text {}, option = text { required = true }, authority = text { required = true }, cost = money {} },
			})
		end
		return state(id)(nodes)
	end,
}

return solutions
