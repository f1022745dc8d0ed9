-- SPDX-License-Identifier: MIT
--
-- An agent talks a customer through a task along a guide. This module knows where in the guide the conversation is, tells the agent
-- what comes next, says what was left out, and keeps count: at the end it is known whether the guide was followed, kept in order, or
-- left. It never speaks to the customer.

local guide = {}

-- A conversation in which the agent says nothing for so long is over, though nobody closed it.
function guide.params()
	return { silence = span { default = "1h", min = "1m", meaning = "How long the agent may say nothing before the conversation is over" } }
end

function guide.data()
	return {
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
	}
end

guide.step = define "guide.step" {
	sentence = "Something the agent says, and what may come next.",
	named = true,
	fields = {
		next = { "text", "texts", sentence = "The step that comes next, or several; none: an end, or an answer decides how to go on." },
	},
}

-- ---- what a guide says about two steps --------------------------------------------------

-- Step → list of the steps that may come next. nil and a reason when a step leads to one that is not there, or stands there twice.
local function arrows_of(steps)
	local arrows = {}
	for _, step in ipairs(steps) do
		if arrows[step.id] then return nil, "the step " .. step.id .. " stands there twice" end
		arrows[step.id] = type(step.next) == "string" and { step.next } or step.next or {}
	end
	for _, step in ipairs(steps) do
		for _, coming in ipairs(arrows[step.id]) do
			if not arrows[coming] then return nil, "the step " .. step.id .. " leads to " .. coming .. ", which is no step of the guide" end
		end
	end
	return arrows
end

-- Step → the set of steps that lie ahead of it, at any distance.
local function ahead_of(arrows)
	local ahead = {}
	for step in pairs(arrows) do
		local seen, waiting = {}, { step }
		while #waiting > 0 do
			for _, coming in ipairs(arrows[table.remove(waiting)]) do
				if not seen[coming] then
					seen[coming] = true
					table.insert(waiting, coming)
				end
			end
		end
		ahead[step] = seen
	end
	return ahead
end

local function contains(list, wanted)
	for _, item in ipairs(list) do
		if item == wanted then return true end
	end
	return false
end

-- ---- actions ----------------------------------------------------------------------------------

-- Tells the agent that these steps come next, or were left out.
local function show(steps, why, because)
	return function(case)
		for _, step in ipairs(steps) do case:effect("suggest", { step = step, why = why }, { because = because }) end
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

-- ---- the states that steps become ---------------------------------------------------------------

local LEFT_OUT = "the guide has it before what was said now"

local function said(step) return "agent." .. step end

local function events_of(steps)
	local events = {}
	for _, step in ipairs(steps) do table.insert(events, event(said(step.id)) {}) end
	return group(events)
end

-- A state for each step, which knows its own arrows.
local function states_of(steps, arrows)
	local states = {}
	for _, step in ipairs(steps) do
		local id = step.id
		local node = {
			entry(show(arrows[id], "next")),
			on(said(id)) { act = counted("repeats", nil, "guide.loosely"), because = "the same again" },
		}
		for _, coming in ipairs(arrows[id]) do
			table.insert(node, on(said(coming)) { to = coming, act = counted("next", coming), because = "the guide has it next" })
		end
		table.insert(states, state(id)(node))
	end
	return group(states)
end

-- How to get to any step from anywhere, when the state that the conversation is in does not know the way itself. Of the ways
-- there are, a step gets those that can be gone in this guide, and asks which it is where there are several.
local function ways_beside(steps, arrows)
	local ahead = ahead_of(arrows)
	local function show_left_out(case) show(arrows[case.data.at], "left-out", LEFT_OUT)(case) end

	-- Does this kind of way lead from the one step to the other? The first that does is gone.
	local kinds = {
		{ -- A circle has no order: what lies ahead as well as behind is not a step back.
			leads = function(at, step) return ahead[step][at] and not ahead[at][step] end,
			act = function(step) return counted("returns", step, "guide.backwards") end,
			because = "the guide has it before what was said last",
		},
		{
			leads = function(at, step) return ahead[at][step] end,
			act = function(step) return { show_left_out, counted("skips", step, "guide.loosely") } end,
			because = "steps between were left out",
		},
		{ -- The guide itself leaves open how to go on from here.
			leads = function(at) return #arrows[at] == 0 end,
			act = function(step) return counted("answers", step) end,
			because = "an answer led to another branch",
		},
		{
			leads = function() return true end,
			act = function(step) return { show_left_out, counted("jumps", step, "guide.loosely") } end,
			because = "another branch, and nothing led there",
		},
	}

	local ways = {}
	for _, step in ipairs(steps) do
		local id = step.id
		local from = {} -- the steps from which no way was found yet
		for _, other in ipairs(steps) do
			if other.id ~= id and not contains(arrows[other.id], id) then table.insert(from, other.id) end
		end
		local candidates = {}
		for _, kind in ipairs(kinds) do
			local rest = {}
			for _, at in ipairs(from) do
				if not kind.leads(at, id) then table.insert(rest, at) end
			end
			if #rest < #from then
				local function is_so(case) return kind.leads(case.data.at, id) end
				table.insert(candidates, { when = #rest > 0 and is_so or nil, to = id, act = kind.act(id), because = kind.because })
			end
			from = rest
		end
		if #candidates > 0 then table.insert(ways, on(said(id))(candidates)) end
	end
	return group(ways)
end

-- The greeting may have been said in the agent's own words, so the guide may begin with its second step.
local function ways_to_begin(steps, arrows)
	local first = steps[1].id
	local ways = {}
	for _, step in ipairs(steps) do
		local id = step.id
		local to = "in-the-guide." .. id
		if id == first or contains(arrows[first], id) then
			table.insert(ways, on(said(id)) { to = to, act = counted("first", id), because = "the guide begins here" })
		else
			table.insert(ways, on(said(id)) { to = to, act = { show({ first }, "left-out", LEFT_OUT), counted("first", id, "guide.loosely") },
				because = "the beginning was left out" })
		end
	end
	return group(ways)
end

-- ---- the conversation ---------------------------------------------------------------------------------

guide.walk = define "guide.walk" {
	form = 'guide.walk "id" { guide.step "…" { next = "…" }, … }',
	sentence = "The conversation along a guide, from its first step to the report.",
	named = true,
	items = "guide.step",
	make = function(id, _, steps)
		if #steps == 0 then return nil, 'a guide has one step at least: guide.step "greet" {}' end
		local arrows, mistake = arrows_of(steps)
		if not arrows then return nil, mistake end

		local function is_to_the_letter(case)
			return case:is_in(id .. ".verdict.to-the-letter") and case.data.counts.next > 0
		end
		local function is_out_of_order(case) return case:is_in(id .. ".verdict.out-of-order") end
		local function began(case) return case.data.at ~= nil end

		return group {
			events_of(steps),
			event "agent.beside" {},                                   -- a prepared answer that this guide does not have
			event "agent.message" { text = text { personal = true } }, -- the agent's own words: the guide does not judge them
			event "conversation.ended" {},
			event "guide.loosely" {},                                  -- from region to region: not to the letter, but in order
			event "guide.backwards" {},

			effect "suggest" { step = text { required = true }, why = one_of { "next", "left-out" } },
			effect "report" {
				first = integer {}, next = integer {}, answers = integer {}, skips = integer {}, repeats = integer {}, jumps = integer {},
				returns = integer {}, beside = integer {}, own_words = integer {},
			},

			parallel(id) {
				on "conversation.ended" {
					{ when = is_out_of_order, to = "left-the-order", act = report, because = "a step was said after one that the guide has later" },
					{ when = is_to_the_letter, to = "followed", act = report, because = "every step was the one that the guide has next" },
					{ when = began, to = "kept-the-order", act = report,
					  because = "steps were left out, repeated or added, but none was said too late" },
					{ to = "guide-not-used", act = report, because = "nothing that was said is a step of the guide" },
				},
				after(from "params.silence") { since = "agent", to = "nobody-ended-it", act = report,
				                               because = "the agent has said nothing for too long" },

				-- Where in the guide the conversation is.
				state "position" { initial = "before-the-guide",
					on "agent.beside" { act = counted("beside", nil, "guide.loosely"), because = "the guide does not have it" },
					on "agent.message" { act = counted "own_words" },
					state "before-the-guide" {
						entry(show({ steps[1].id }, "next")),
						ways_to_begin(steps, arrows),
					},
					state "in-the-guide" {
						ways_beside(steps, arrows),
						states_of(steps, arrows),
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
	end,
}

return guide
