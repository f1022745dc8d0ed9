-- SPDX-License-Identifier: MIT
-- How a conversation keeps its guide: each kind of step, and each way it can end.

local function say(case, ...)
	for _, step in ipairs { ... } do case:event("agent." .. step, {}, { by = "agent" }) end
end

local function ended(case)
	case:event("conversation.ended", {}, { by = "customer" })
end

-- What the report counts; what is not named is 0.
local function report(counts)
	local all = { "report", first = 0, next = 0, answers = 0, skips = 0, repeats = 0, jumps = 0, returns = 0, beside = 0, own_words = 0 }
	for name, count in pairs(counts) do all[name] = count end
	return all
end

return tests "playbook.lua" {

	test "every step the guide has next: it was followed" (function(case)
		case:open {}
		say(case, "greet", "ask-name", "ask-account", "ask-proof", "unlock", "check-it-works", "say-goodbye")
		ended(case)
		case:expect { outcome = "followed", effects = { report { first = 1, next = 6 } } }
	end),

	test "the greeting was said in the agent's own words" (function(case)
		case:open {}
		case:agent "Good morning!"
		say(case, "ask-name", "ask-account")
		ended(case)
		case:expect { outcome = "followed", effects = { report { first = 1, next = 1, own_words = 1 } } }
	end),

	test "the agent is shown every way that leads on" (function(case)
		case:open {}
		say(case, "greet", "ask-name", "ask-account", "ask-proof")
		case:expect { state = "ask-proof", effects = { { "suggest", step = "unlock", why = "next" }, { "suggest", step = "hand-over", why = "next" } } }
	end),

	each {
		{ what = "a step that was left out", steps = { "greet", "ask-account" }, counts = { first = 1, skips = 1 } },
		{ what = "a step said twice", steps = { "greet", "ask-name", "ask-name" }, counts = { first = 1, next = 1, repeats = 1 } },
		{ what = "a beginning in the midst", steps = { "unlock", "check-it-works" }, counts = { first = 1, next = 1 } },
		{ what = "an answer that the guide does not have", steps = { "greet", "ask-name", "beside" }, counts = { first = 1, next = 1, beside = 1 } },
		{ what = "another branch, by way of the circle", steps = { "unlock", "hand-over" }, counts = { first = 1, skips = 1 } },
		{ what = "one step alone", steps = { "greet" }, counts = { first = 1 } },
	} "{what} keeps the order, and no more" (function(case, row)
		case:open {}
		say(case, table.unpack(row.steps))
		ended(case)
		case:expect { outcome = "kept the order", effects = { report(row.counts) } }
	end),

	test "what was left out is shown" (function(case)
		case:open {}
		say(case, "greet", "ask-account")
		case:expect { because = "steps between were left out",
			effects = { { "suggest", step = "ask-name", why = "left-out" }, { "suggest", step = "ask-proof", why = "next" } } }
	end),

	test "a step that should have been said before leaves the order, for good" (function(case)
		case:open {}
		say(case, "greet", "ask-name", "ask-account", "ask-name")
		case:expect { state = "out-of-order", because = "the guide has it before what was said last" }
		say(case, "ask-account", "ask-proof", "ask-name")
		ended(case)
		case:expect { outcome = "left the order", effects = { report { first = 1, next = 4, returns = 2 } } }
	end),

	test "a step that is late as the first loose one leaves the order, too" (function(case)
		case:open {}
		say(case, "ask-account", "greet")
		ended(case)
		case:expect { outcome = "left the order" }
	end),

	test "on a circle nothing is behind" (function(case)
		case:open {}
		say(case, "greet", "ask-name", "ask-account", "ask-proof", "unlock", "check-it-works", "ask-account")
		case:expect { state = "to-the-letter" }
		say(case, "unlock", "ask-proof")
		ended(case)
		case:expect { outcome = "kept the order", effects = { report { first = 1, next = 6, skips = 2 } } }
	end),

	test "nothing of the guide" (function(case)
		case:open {}
		case:agent "I do not know."
		say(case, "beside")
		ended(case)
		case:expect { outcome = "guide not used", effects = { report { beside = 1, own_words = 1 } } }
	end),

	test "an hour without a word of the agent" (function(case)
		case:open {}
		say(case, "greet")
		case:wait "59m59s"
		case:expect "greet"
		case:wait "1s"
		case:expect { outcome = "nobody ended it", effects = { report { first = 1 } } }
	end),
}
