-- SPDX-License-Identifier: MIT
--
-- An agent talks a customer through a task along a guide. The playbook knows where in the guide the conversation is, tells the
-- agent what comes next, says what was left out, and keeps count: at the end it is known whether the guide was followed, kept in
-- order, or left.
--
-- The guide is the table below. Everything after it is the same for every guide; the states are made from the table's rows.

-- ---- the guide ------------------------------------------------------------------------

-- A row is a step and what may come next. A step without a next one is an end, or an answer decides there how to go on.
local guide = {
	id = "locked-account",
	title = "The customer cannot sign in",
	{ "greet", "ask-name" },
	{ "ask-name", "ask-account" },
	{ "ask-account", "ask-proof" },
	{ "ask-proof", "unlock", "hand-over" },
	{ "unlock", "check-it-works" },
	{ "check-it-works", "say-goodbye", "ask-account" },
	{ "hand-over", "say-goodbye" },
	{ "say-goodbye" },
}

-- ---- what the guide says about two steps -----------------------------------------------

-- Step → list of the steps that may come next.
local next_steps = {}
for _, row in ipairs(guide) do
	next_steps[row[1]] = { table.unpack(row, 2) }
end
for _, row in ipairs(guide) do
	for _, step in ipairs(next_steps[row[1]]) do
		assert(next_steps[step], ("the guide goes from %s to %s, but has no row for it"):format(row[1], step))
	end
end

local function contains(list, wanted)
	for _, item in ipairs(list) do
		if item == wanted then return true end
	end
	return false
end

-- Step → the set of steps that lie ahead of it, at any distance.
local ahead = {}
for _, row in ipairs(guide) do
	local seen, waiting = {}, { row[1] }
	while #waiting > 0 do
		for _, step in ipairs(next_steps[table.remove(waiting)]) do
			if not seen[step] then
				seen[step] = true
				table.insert(waiting, step)
			end
		end
	end
	ahead[row[1]] = seen
end

local first = guide[1][1]

-- ---- guards: where does this step lie, seen from where the conversation is? --------------

-- A circle has no order: what lies ahead as well as behind is not a step back.
local function is_behind(step)
	return function(case)
		local at = case.data.at
		return ahead[step][at] and not ahead[at][step]
	end
end

local function is_ahead(step)
	return function(case) return ahead[case.data.at][step] end
end

-- Another branch, from where the guide itself leaves open how to go on.
local function was_left_open(case)
	return #next_steps[case.data.at] == 0
end

-- ---- actions --------------------------------------------------------------------------------

-- Tells the agent what the guide has next.
local function show_next(step)
	return function(case)
		for _, coming in ipairs(next_steps[step]) do case:effect("suggest", { step = coming, why = "next" }) end
	end
end

-- The agent went on without what the guide had next.
local function show_left_out(case)
	local expected = case.data.at and next_steps[case.data.at] or { first }
	for _, step in ipairs(expected) do
		case:effect("suggest", { step = step, why = "left-out" }, { because = "the guide has it before what was said now" })
	end
end

-- Counts a step, and tells the region beside how strictly the guide is kept.
local function counted(kind, step, tell)
	return function(case)
		local counts = case.data.counts
		counts[kind] = counts[kind] + 1
		if step then case.data.at = step end
		if tell then case:raise(tell) end
	end
end

local function report(case)
	local counts = case.data.counts
	case:effect("report", {
		first = counts.first, next = counts.next, answers = counts.answers, skips = counts.skips, repeats = counts.repeats,
		jumps = counts.jumps, returns = counts.returns, beside = counts.beside, own_words = counts.own_words,
	}, { because = "how a guide is kept tells more about the guide than about the agent" })
end

local function followed_an_arrow(case) return case.data.counts.next > 0 end
local function began(case) return case.data.at ~= nil end
local function is_to_the_letter(case) return case:is_in("conversation.verdict.to-the-letter") end
local function is_out_of_order(case) return case:is_in("conversation.verdict.out-of-order") end

-- ---- the states that the guide's rows become ----------------------------------------------------

local function said(step) return "agent." .. step end

local function states_of_the_guide()
	local states = {}
	for _, row in ipairs(guide) do
		local step = row[1]
		local node = {
			entry(show_next(step)),
			on(said(step)) { act = counted("repeats", nil, "guide.loosely"), because = "the same again" },
		}
		for _, coming in ipairs(next_steps[step]) do
			table.insert(node, on(said(coming)) { to = coming, act = counted("next", coming), because = "the guide has it next" })
		end
		table.insert(states, state(step)(node))
	end
	return group(states)
end

-- How to get to any step from anywhere, when the state that the conversation is in does not know the way itself.
local function ways_beside_the_arrows()
	local ways = {}
	for _, row in ipairs(guide) do
		local step = row[1]
		table.insert(ways, on(said(step)) {
			{ when = is_behind(step), to = step, act = counted("returns", step, "guide.backwards"),
			  because = "the guide has it before what was said last" },
			{ when = is_ahead(step), to = step, act = { show_left_out, counted("skips", step, "guide.loosely") },
			  because = "steps between were left out" },
			{ when = was_left_open, to = step, act = counted("answers", step), because = "an answer led to another branch" },
			{ to = step, act = { show_left_out, counted("jumps", step, "guide.loosely") }, because = "another branch, and nothing led there" },
		})
	end
	return group(ways)
end

-- The greeting may have been said in the agent's own words, so the guide may begin with its second step.
local function ways_to_begin()
	local ways = {}
	for _, row in ipairs(guide) do
		local step = row[1]
		if step == first or contains(next_steps[first], step) then
			table.insert(ways, on(said(step)) { to = "in-the-guide." .. step, act = counted("first", step), because = "the guide begins here" })
		else
			table.insert(ways, on(said(step)) { to = "in-the-guide." .. step,
				act = { show_left_out, counted("first", step, "guide.loosely") }, because = "the beginning was left out" })
		end
	end
	return group(ways)
end

local function events_of_the_guide()
	local events = {}
	for _, row in ipairs(guide) do table.insert(events, event(said(row[1])) {}) end
	return group(events)
end

-- ---- the playbook ------------------------------------------------------------------------------------

return playbook(guide.id) {
	title = guide.title,
	version = "1",
	initial = "conversation",

	-- A conversation in which the agent says nothing for so long is over, though nobody closed it.
	params = { silence = span { default = "1h", min = "1m" } },

	data = {
		at = text {},                          -- the step that was said last
		counts = fields {
			first = integer { default = 0 },     -- the first step, whichever it was
			next = integer { default = 0 },      -- along an arrow of the guide
			answers = integer { default = 0 },   -- to another branch, from where the guide is open
			skips = integer { default = 0 },     -- ahead, over steps that were left out
			repeats = integer { default = 0 },   -- the same step again
			jumps = integer { default = 0 },     -- to another branch, past what the guide has next
			returns = integer { default = 0 },   -- back
			beside = integer { default = 0 },    -- what the guide does not have at all
			own_words = integer { default = 0 }, -- what the agent wrote freely
		},
	},

	events_of_the_guide(),
	event "agent.beside" {},                   -- a prepared answer that this guide does not have
	event "agent.message" {},                  -- words of the agent's own: the guide does not judge them
	event "conversation.ended" {},
	event "guide.loosely" {},                  -- from region to region: not to the letter, but in order
	event "guide.backwards" {},

	effect "suggest" { step = text { required = true }, why = one_of { "next", "left-out" } },
	effect "report" {
		first = integer {}, next = integer {}, answers = integer {}, skips = integer {}, repeats = integer {}, jumps = integer {},
		returns = integer {}, beside = integer {}, own_words = integer {},
	},

	parallel "conversation" {
		on "conversation.ended" {
			{ when = is_out_of_order, to = "left-the-order", act = report, because = "a step was said after one that the guide has later" },
			{ when = function(case) return is_to_the_letter(case) and followed_an_arrow(case) end, to = "followed", act = report,
			  because = "every step was the one that the guide has next" },
			{ when = began, to = "kept-the-order", act = report, because = "steps were left out, repeated or added, but none was said too late" },
			{ to = "guide-not-used", act = report, because = "nothing that was said is a step of the guide" },
		},
		after(from "params.silence") { since = "agent", to = "nobody-ended-it", act = report, because = "the agent has said nothing for too long" },

		-- Where in the guide the conversation is.
		state "position" { initial = "before-the-guide",
			on "agent.beside" { act = counted("beside", nil, "guide.loosely"), because = "the guide does not have it" },
			on "agent.message" { act = counted "own_words" },
			state "before-the-guide" {
				entry(function(case) case:effect("suggest", { step = first, why = "next" }) end),
				ways_to_begin(),
			},
			state "in-the-guide" {
				ways_beside_the_arrows(),
				states_of_the_guide(),
			},
		},

		-- How strictly it is kept.
		state "verdict" { initial = "to-the-letter",
			state "to-the-letter" {
				on "guide.loosely" { to = "in-order", because = "the guide is kept loosely" },
				on "guide.backwards" { to = "out-of-order", because = "what was said now should have been said before" },
			},
			state "in-order" {
				on "guide.backwards" { to = "out-of-order", because = "what was said now should have been said before" },
			},
			state "out-of-order" {},
		},
	},

	final "followed" { outcome = "followed" },
	final "kept-the-order" { outcome = "kept the order" },
	final "left-the-order" { outcome = "left the order" },
	final "guide-not-used" { outcome = "guide not used" },
	final "nobody-ended-it" { outcome = "nobody ended it" },
}
