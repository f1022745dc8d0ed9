-- SPDX-License-Identifier: MIT
--
-- Boundaries: how often something may happen before somebody does something
-- about it. A ladder stands beside the conversation, as a region of its own, and
-- counts. Each rung is stepped on when the count reaches it, and not again until
-- the count has fallen below it: strikes age, as their counter's window says.
--
-- A ladder never ends a conversation itself. It says the words, and raises events
-- that carry its id; the conversation decides what they mean to it.

local talk = require "aplomb.talk"

local boundary = {}

boundary.rung = define "boundary.rung" {
	form = "boundary.rung { at = 1, … }",
	sentence = "What happens when the count reaches a number.",
	fields = {
		at = { "number", "from", required = true, sentence = "The number." },
		say = { "text", "phrase", sentence = "What is said to the customer." },
		suggest = { "text", sentence = "A phrase for the agent." },
		raise = { "text", sentence = "An event for the other regions; its name begins with the ladder's." },
		because = { "text", sentence = "Why, for people." },
	},
}

-- A guard: has the count just reached the rung? Whether it stands at a number or at a parameter, it can be read.
local function reaches(counted, at)
	local wanted = type(at) == "number" and at or described(at).name
	return "count('" .. counted .. "') == " .. wanted
end

local function raise(event)
	return function(case) case:raise(event) end
end

-- An action: the rung's words, and its event.
local function step_on(rung)
	local say, suggest, event, because = rung.say, rung.suggest, rung.raise, rung.because
	local words = suggest and phrase(suggest)
	return function(case)
		if suggest then case:effect("suggest", { phrase = suggest, text = words }, { because = because }) end
		if say then case:effect("say", { text = say }, { because = because }) end
		if event then case:raise(event) end
	end
end

-- What is wrong with the rungs, or nil.
local function mistake_in(id, rungs)
	if #rungs == 0 then return 'a ladder has one rung at least: boundary.rung { at = 1, say = "…" }' end
	local last
	for number, rung in ipairs(rungs) do
		local at = rung.at
		if type(at) == "number" then
			if math.type(at) ~= "integer" or at < 1 then return "rung " .. number .. " stands at " .. at .. ", which is no number of times" end
			if last and at <= last then return "rung " .. number .. " stands at " .. at .. ", but the one before it stands at " .. last end
			last = at
		end
		if not rung.say and not rung.suggest and not rung.raise then
			return "rung " .. number .. " does nothing; give it say, suggest or raise"
		end
		if rung.raise and string.sub(rung.raise, 1, #id + 1) ~= id .. "." then
			return "rung " .. number .. ' raises "' .. rung.raise .. '"; a ladder\'s events carry its id: "' .. id .. '.' .. rung.raise .. '"'
		end
	end
end

boundary.ladder = define "boundary.ladder" {
	form = 'boundary.ladder "id" { counts = counter …, boundary.rung …, … }',
	sentence = "Counts what shall not happen, and does something about it, step by step.",
	named = true,
	items = "boundary.rung",
	fields = {
		counts = { "counter", required = true, sentence = "What counts as a strike, and when it is forgiven." },
	},
	make = function(id, fields, rungs)
		local mistake = mistake_in(id, rungs)
		if mistake then return nil, mistake end
		local counted = described(fields.counts)
		local strike = id .. ".strike"

		-- The later of two rungs at the same number counts: it is the graver one.
		local steps = {}
		for number = #rungs, 1, -1 do
			local rung = rungs[number]
			table.insert(steps, { when = reaches(counted.name, rung.at), act = step_on(rung), because = rung.because })
		end

		local nodes = {
			rests = "it watches for as long as the conversation lasts",
			talk.declares,
			fields.counts,
			event(strike) {},
			on(counted.fields.of) { when = counted.fields.when, act = raise(strike) },
			on(strike)(steps),
		}
		local raised = {}
		for _, rung in ipairs(rungs) do
			if rung.raise and not raised[rung.raise] then
				raised[rung.raise] = true
				table.insert(nodes, event(rung.raise) {})
			end
		end
		return state(id)(nodes)
	end,
}

return boundary
