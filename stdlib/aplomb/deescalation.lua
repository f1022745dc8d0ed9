-- SPDX-License-Identifier: MIT
--
-- Techniques that take heat out of a conversation, as actions that put them in
-- front of the agent. Each is told once in a while, not at every loud word: a
-- prompt that comes back every ten seconds is noise.

local deescalation = {}

-- How long the same technique is not told again.
local COOL_DOWN = "5m"

-- Counts a technique that was told, so that it is not told again at once.
local function cooling(technique)
	return counter("deescalation." .. technique) {
		of = "technique.suggested",
		when = "event.technique == '" .. technique .. "'",
		window = COOL_DOWN,
	}
end

deescalation.declares = group {
	event "technique.suggested" { technique = text { required = true } },
	cooling "slow-down",
	cooling "breathe",
	cooling "apologise",
}

-- An action that suggests the technique, unless it did so lately.
local function suggest(name, id, because)
	local counted, words = "deescalation." .. name, phrase(id)
	return function(case)
		if case:count(counted) > 0 then return end
		case:raise("technique.suggested", { technique = name })
		case:effect("suggest", { phrase = id, text = words }, { because = because })
	end
end

-- Speak slower, ask an open question: after a word in anger.
deescalation.slow_down = suggest("slow-down", "calm.slower", "an answer at this speed would sound like a defence")

-- A moment for oneself before the next answer.
deescalation.breathe = suggest("breathe", "calm.breathe", "the next answer sets the tone")

-- A sincere word of regret, whoever is at fault.
deescalation.apologise = suggest("apologise", "apology.plain", "regret for the trouble admits no fault")

return deescalation
