-- SPDX-License-Identifier: MIT
-- Run by `aplomb test`; docs/testing.md says what can be written here.

local upset = { tone = -0.8 }
local rude = { abusive = true, tone = -0.9 }

-- To where a solution can be chosen.
local function come_to_a_choice(case)
	case:open { data = { order = "A-1042", value = "34.90 GBP" } }
	case:customer("Where is my parcel?", upset)
	case:event("agent.summary", { text = "Your parcel is a week late." }, { by = "agent:mira" })
	case:event("customer.confirms", {}, { by = "customer" })
	case:event("agent.cause", { cause = "product" }, { by = "agent:mira" })
end

return tests "upset_customer.lua" {
	test "an upset customer is heard before anything is offered" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer("Where is my parcel?", upset)
		case:expect {
			state = "listening",
			effects = { { "suggest", phrase = "empathy.upset" } },
			because = "first let them finish and feel heard",
		}
	end),

	test "a plain question gets a plain answer" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer("When will it come?", { tone = 0.1 })
		case:expect { effects = { { "suggest", phrase = "empathy.plain" } } }
	end),

	test "the way to a solution and to the end" (function(case)
		come_to_a_choice(case)
		case:expect {
			state = "choosing",
			effects = { { "offer", options = { "send it again by express", "refund the order", "a voucher of 10.00 GBP" } } },
			data = { cause = "product" },
		}
		case:event("customer.picks", { option = "refund the order" }, { by = "customer" })
		case:expect { state = "promised", effects = { { "carry-out", option = "refund the order" } }, due = { promised = "2d" } }
		case:wait "2d"
		case:expect { state = "asked", effects = { { "suggest", phrase = "follow-up.ask" } } }
		case:event("customer.content", {}, { by = "customer" })
		case:expect { closed = true, outcome = "resolved" }
	end),

	test "what is worth more than the limit is offered with the supervisor's word" (function(case)
		case:open { data = { order = "A-7", value = "61.00 GBP" } }
		case:customer "It is broken."
		case:event "agent.summary"
		case:event "customer.confirms"
		case:event("agent.cause", { cause = "product" })
		case:expect { effects = { { "offer", options = contains "a refund, once the supervisor has looked at it" } } }
	end),

	-- Half an hour of silence, to the second.
	each {
		{ wait = "29m59s", state = "listening", effects = {} },
		{ wait = "30m", state = "waiting", effects = { { "notify", to = "team-lead" } } },
		{ wait = "30m1s", state = "waiting", effects = { "notify" } },
	} "after {wait} of our silence the customer is in {state}" (function(case, row)
		case:open { data = { order = "A-1042" } }
		case:customer "Hello?"
		case:wait(row.wait)
		case:expect { state = row.state, effects = row.effects }
	end),

	test "our own message begins the half hour anew" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer "Hello?"
		case:wait "20m"
		case:agent "I am looking into it."
		case:expect { due = { listening = "30m" } }
		case:wait "29m"
		case:expect "listening"
	end),

	test "nobody comes back, so the supervisor gets the case" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer "Hello?"
		case:wait "2h30m"
		case:expect {
			state = "supervised",
			effects = { "notify", { "hand-over", to = "supervisor", summary = contains "open for 150 minutes" }, { "suggest", phrase = "handover.customer" } },
		}
		case:wait "4h"
		case:expect { closed = true, outcome = "ended" }
	end),

	test "four insults within the hour end the contact" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer("You thieves.", rude)
		case:expect { state = "warned", effects = { "say" }, counters = { abuse = 1 } }
		case:customer("You liars.", rude)
		case:expect { state = "warned-again", counters = { abuse = 2 } }
		case:customer("You clowns.", rude)
		case:expect { state = { "supervised", "escalated" }, raised = "respect.supervisor", effects_include = "hand-over" }
		case:event("supervisor.takes", {}, { by = "supervisor:ann" })
		case:customer("You too.", rude)
		case:expect { closed = true, outcome = "ended", effects = { "say", { "rest", who = "agent", minutes = 10 } } }
	end),

	test "an hour of respect, and the warning is forgotten" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer("You thieves.", rude)
		case:wait "59m"
		case:expect { state = "warned", counters = { abuse = 1 } }
		case:wait "1m"
		case:expect { state = "calm", counters = { abuse = 0 } }
	end),

	test "an event that is not declared is refused" (function(case)
		case:open { data = { order = "A-1042" } }
		case:customer "Hello?"
		case:event "customer.shouts"
		case:expect { refused = "unknown-event", state = "listening" }
	end),
}
