-- SPDX-License-Identifier: MIT
--
-- The vocabulary of a conversation: what customers and agents do, what the
-- agent's screen and the outside world are asked for, and actions that ask.
--
-- Whoever embeds a playbook sends these events: from a chat, a phone system, an
-- agent's buttons, a classifier of tone. Nothing here decides what follows.

local deescalation = require "aplomb.deescalation"

local talk = {}

talk.declares = group {
	-- What the customer does. `tone` is from -1 (furious) to 1 (delighted), as whoever listens judges it.
	event "customer.message" {
		text = text { personal = true },
		tone = number { min = -1, max = 1 },
		abusive = boolean { default = false },
	},
	event "customer.done" {},                                  -- has said everything, for now
	event "customer.confirms" {},                              -- the summary is right
	event "customer.corrects" { text = text { personal = true } },
	event "customer.picks" { option = text { required = true }, menu = text {} },
	event "customer.rejects" { option = text {}, menu = text {} },   -- an option; none named: all of them
	event "customer.answers" { happy = boolean { required = true }, text = text { personal = true } },

	-- What the agent does.
	event "agent.message" { text = text { personal = true } },
	event "agent.summary" { text = text { personal = true } },       -- says back what was understood
	event "agent.cause" { cause = text { required = true } },        -- names the root of the trouble
	event "agent.offers" {},                                         -- goes on to what can be done

	-- What a playbook asks for.
	effect "suggest" { phrase = text { required = true }, text = text { required = true, personal = true } },   -- to the agent
	effect "say" { text = text { required = true, personal = true } },                                          -- to the customer
	effect "notify" { to = text { required = true }, text = text { required = true, personal = true } },        -- to somebody of the house

	deescalation.declares,
}

-- Actions, by names that are read in drawings and reports.

local function suggest(id)
	local words = phrase(id)
	return function(case) case:effect("suggest", { phrase = id, text = words }) end
end

local function say(words, because)
	return function(case) case:effect("say", { text = words }, { because = because }) end
end

local function notify(to, words, because)
	return function(case) case:effect("notify", { to = to, text = words }, { because = because }) end
end

talk.suggest = define "talk.suggest" {
	form = 'talk.suggest "phrase"',
	sentence = "Puts a phrase of the catalogue in front of the agent.",
	named = true,
	asks = "suggest",
	make = function(id) return suggest(id) end,
}

talk.say = define "talk.say" {
	form = 'talk.say { text = "…" }',
	sentence = "Says something to the customer.",
	fields = {
		text = { "text", "phrase", required = true, sentence = "What is said." },
		because = { "text", sentence = "Why, for people." },
	},
	asks = "say",
	make = function(_, fields) return say(fields.text, fields.because) end,
}

talk.notify = define "talk.notify" {
	form = 'talk.notify { to = "…", text = "…" }',
	sentence = "Tells somebody of the house.",
	fields = {
		to = { "text", required = true, sentence = "Whom: a person, a role, a channel." },
		text = { "text", "phrase", required = true, sentence = "What they are told." },
		because = { "text", sentence = "Why, for people." },
	},
	asks = "notify",
	make = function(_, fields) return notify(fields.to, fields.text, fields.because) end,
}

return talk
