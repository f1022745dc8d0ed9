-- SPDX-License-Identifier: MIT
-- What happens when a parcel is late and the customer is angry: each way through the conversation, each rung of the
-- ladder, each step of the escalation, and what time does when nobody else does anything.

local function angry(case, words)
	case:customer(words or "You are useless!", { abusive = true, tone = -0.9 })
end

-- Opens a case, and lets the customer say what it is about.
local function opened(case, data)
	case:open { data = { order = "A-1", value = data and data.value } }
	case:customer("My parcel is three days late.", { tone = -0.4 })
	return case
end

-- … until the customer was heard.
local function heard(case, data)
	opened(case, data)
	case:event("customer.done")
	case:event("agent.summary", { text = "The parcel was promised for Monday and is not there." }, { by = "agent" })
	case:event("customer.confirms")
	return case
end

-- … until there is a menu.
local function choosing(case, data)
	heard(case, data)
	case:event("agent.cause", { cause = "product" }, { by = "agent" })
	case:event("agent.offers", {}, { by = "agent" })
	return case
end

local function resolved(case)
	choosing(case, { value = "20.00 GBP" })
	case:event("customer.picks", { option = "redeliver" })
	return case
end

local function write_record(case)
	case:event("record.concerns", { text = "late parcel" }, { by = "agent" })
	case:event("record.steps", { text = "sent again" }, { by = "agent" })
	case:event("record.outcome", { outcome = "resolved" }, { by = "agent" })
end

return tests "playbook.lua" {
	-- Fixed here, so that a change of policy.lua changes no test.
	params = { warnings = 2, refund_limit = "40.00 GBP", answer_in = "15m" },

	-- ---- listening --------------------------------------------------------------------

	test "the customer speaks, is heard, and the agent is handed words" (function(case)
		heard(case)
		case:expect { state = "understanding", effects = { { "suggest", phrase = "apology.late" } } }
	end),

	test "an answer before the customer has finished is an interruption" (function(case)
		opened(case)
		case:agent "Have you looked at the tracking page?"
		case:expect { state = "speaking", raised = { "listening.interrupted" }, effects = { { "suggest", phrase = "listening.let-them-finish" } } }
	end),

	test "a summary that is corrected is none" (function(case)
		opened(case)
		case:event("customer.done")
		case:event("agent.summary", { text = "You want your money back." })
		case:event("customer.corrects", { text = "No, I want the parcel." })
		case:expect "speaking"
	end),

	test "whoever has more to say after all keeps the floor" (function(case)
		opened(case)
		case:event("customer.done")
		case:customer "And nobody answered the phone."
		case:expect { state = "speaking", because = "there is more to say" }
		case:event("agent.summary", {})
		case:customer "And the box was open last time."
		case:expect "speaking"
	end),

	test "a question of ours is no interruption when they have finished, and begins the wait anew" (function(case)
		opened(case)
		case:event("customer.done")
		case:wait "9m"
		case:agent "Which street is it?"
		case:expect { state = "finished", effects = {}, due = { finished = "10m" } }
	end),

	test "a summary nobody objects to stands" (function(case)
		opened(case)
		case:event("agent.summary", {})
		case:wait "9m59s"
		case:expect "checking"
		case:wait "1s"
		case:expect { state = "understanding", because = "the customer did not object to the summary" }
	end),

	test "listening can be skipped, and the journal has the reason" (function(case)
		opened(case)
		case:event("listening.skipped", { reason = "only wants the tracking number" }, { by = "agent:17" })
		case:expect { state = "understanding" }
	end),

	each {
		{ when = "while they speak", finish = false },
		{ when = "when they have finished", finish = true },
	} "we fall silent {when}, and the team lead hears of it" (function(case, row)
		opened(case)
		if row.finish then case:event("customer.done") end
		case:wait "9m59s"
		case:expect { not_state = "waiting" }
		case:wait "1s"
		case:expect { state = "waiting", effects = { { "notify", to = "team-lead" } } }
		case:agent "I am back, I am sorry."
		case:expect "understanding"
	end),

	test "the agent reads the words in the customer's language" (function(case)
		case:open { data = { order = "A-1" }, locale = "de-AT" }
		case:event("listening.skipped", { reason = "sie hat alles gesagt" })
		case:expect { effects = { { "suggest", phrase = "apology.late", text = contains "Ihr Paket A-1" } } }
	end),

	-- ---- understanding ------------------------------------------------------------------

	test "the cause is kept, and only a cause that there is" (function(case)
		heard(case)
		case:event("agent.cause", { cause = "misunderstanding" })
		case:expect { data = { cause = "misunderstanding" } }
		case:event("agent.cause", { cause = "the weather" })
		case:expect { findings = { "not-a-choice" }, data = { cause = "misunderstanding" } }
	end),

	test "a word in anger slows the agent down, not every one of them" (function(case)
		heard(case)
		case:customer("I have had enough!", { tone = -0.7 })
		case:expect { effects = { { "suggest", phrase = "calm.slower" } }, raised = { "technique.suggested" } }
		case:customer("Enough!", { tone = -0.8 })
		case:expect { effects = {} }
		case:wait "5m"
		case:customer("Still nothing!", { tone = -0.8 })
		case:expect { effects = { { "suggest", phrase = "calm.slower" } } }
	end),

	test "each technique has a count of its own" (function(case)
		heard(case)
		for _, technique in ipairs { "breathe", "apologise" } do case:event("technique.suggested", { technique = technique }) end
		case:expect { counters = { ["deescalation.breathe"] = 1, ["deescalation.apologise"] = 1, ["deescalation.slow-down"] = 0 } }
		case:customer("I have had enough!", { tone = -0.7 })
		case:expect { effects = { { "suggest", phrase = "calm.slower" } } }
	end),

	each {
		{ which = "a firm word", tone = -0.6 },
		{ which = "a friendly one", tone = 0.2 },
		{ which = "one whose tone nobody judged" },
	} "{which} does not" (function(case, row)
		heard(case)
		case:customer("Fine.", { tone = row.tone })
		case:expect { effects = {} }
	end),

	test "half an hour without a word of ours" (function(case)
		heard(case)
		case:wait "20m"
		case:agent "I am asking the depot."
		case:wait "29m59s"
		case:expect "understanding"
		case:wait "1s"
		case:expect { state = "waiting", because = "we went silent, not the customer" }
		case:wait "1h"
		case:expect { state = "handed-over.asking", effects = { { "page", to = "supervisor.on-duty", attempt = 1 } } }
	end),

	-- ---- solutions ------------------------------------------------------------------------

	each {
		{ worth = "20.00 GBP", value = "20.00 GBP", open = ids { "redeliver", "refund", "voucher" } },
		{ worth = "40.00 GBP", value = "40.00 GBP", open = ids { "redeliver", "refund", "voucher" } },
		{ worth = "40.01 GBP", value = "40.01 GBP", open = ids { "redeliver", "refund-approved", "voucher" } },
		{ worth = "nobody knows what", open = ids { "redeliver", "refund-approved", "voucher" } },
	} "a parcel worth {worth} opens its options" (function(case, row)
		choosing(case, { value = row.value })
		case:expect { state = "offering", effects = { { "menu", menu = "choosing", options = row.open } } }
	end),

	test "the menu says what each option costs, and why another is closed" (function(case)
		choosing(case, { value = "40.01 GBP" })
		case:expect { effects = { { "menu",
			options = {
				{ id = "redeliver", cost = absent, compromise = false },
				{ id = "refund-approved", cost = "40.01 GBP", authority = "supervisor" },
				{ id = "voucher", cost = "10.00 GBP", compromise = true },
			},
			closed = { { id = "refund", why = "data.value <= params.refund_limit does not hold", instead = "refund-approved" } },
		} } }
	end),

	test "the customer picks" (function(case)
		choosing(case, { value = "20.00 GBP" })
		case:event("customer.picks", { option = "refund" }, { by = "customer" })
		case:expect {
			state = "promised",
			effects = { { "carry-out", option = "refund", cost = "20.00 GBP" } },
			raised = { "choosing.accepted" },
		}
	end),

	test "what is closed cannot be picked, and the menu is shown again" (function(case)
		choosing(case, { value = "50.00 GBP" })
		case:event("customer.picks", { option = "refund" })
		case:expect { state = "offering", because = "that cannot be chosen", effects = { { "menu" } } }
		case:event("customer.picks", { option = "a-new-car" })
		case:expect { state = "offering", effects = { { "menu" } } }
	end),

	test "what was turned down is not offered again" (function(case)
		choosing(case, { value = "20.00 GBP" })
		case:event("customer.rejects", { option = "redeliver" })
		case:expect { state = "offering", effects = { { "menu",
			options = ids { "refund", "voucher" },
			closed = { { id = "redeliver", why = "the customer does not want it" }, { id = "refund-approved" } },
		} } }
	end),

	test "when everything was turned down, somebody else has to help" (function(case)
		choosing(case, { value = "20.00 GBP" })
		for _, option in ipairs { "redeliver", "refund", "voucher" } do case:event("customer.rejects", { option = option }) end
		case:expect { state = "handed-over.asking", because = "nothing is left that could be offered" }
	end),

	test "none of it" (function(case)
		choosing(case)
		case:event("customer.rejects", {})
		case:expect { state = "handed-over.asking", because = "the customer wants none of it" }
	end),

	test "a customer who does not choose" (function(case)
		choosing(case)
		case:wait "1d"
		case:expect { state = "handed-over.asking", because = "the customer did not choose" }
	end),

	test "an option that stands for another can be turned down like any" (function(case)
		choosing(case, { value = "50.00 GBP" })
		case:event("customer.rejects", { option = "refund-approved", menu = "choosing" })
		case:expect { state = "offering", effects = { { "menu", options = ids { "redeliver", "voucher" } } } }
	end),

	test "an answer about another option, or another menu, is none" (function(case)
		choosing(case, { value = "50.00 GBP" })
		case:event("customer.rejects", { option = "redeliver", menu = "another" })
		case:expect { effects_include = { { "menu", options = ids { "redeliver", "refund-approved", "voucher" } } } }
		case:event("customer.picks", { option = "refund-approved", menu = "choosing" })
		case:event("choosing.approved", { option = "refund" })
		case:expect { state = "approval-refund-approved", unhandled = true }
		case:event("choosing.refused", { option = "refund" })
		case:expect { state = "approval-refund-approved", unhandled = true }
		case:event("choosing.approved", { option = "refund-approved" })
		case:expect "promised"
	end),

	test "an option of the supervisor's is approved" (function(case)
		choosing(case, { value = "50.00 GBP" })
		case:event("customer.picks", { option = "refund-approved" })
		case:expect { state = "approval-refund-approved", effects = { { "approve", authority = "supervisor", cost = "50.00 GBP" } } }
		case:event("choosing.approved", {}, { by = "supervisor:1" })
		case:expect { state = "promised", effects = { { "carry-out", option = "refund-approved" } } }
	end),

	each {
		{ how = "refused", wait = false },
		{ how = "not answered", wait = true },
	} "… or {how}, and then it is closed" (function(case, row)
		choosing(case, { value = "50.00 GBP" })
		case:event("customer.picks", { option = "refund-approved" })
		if row.wait then
			case:wait "1h"
		else
			case:event("choosing.refused", { reason = "twice this year already" }, { by = "supervisor:1" })
		end
		case:expect { state = "offering", effects = { { "menu",
			options = ids { "redeliver", "voucher" },
			closed = { { id = "refund" }, { id = "refund-approved", why = "it was not approved" } },
		} } }
	end),

	-- ---- following up -------------------------------------------------------------------------

	test "two days later somebody asks, whatever was written in between" (function(case)
		resolved(case)
		case:customer "Thanks!"
		case:expect { due = { promised = "2d" } }
		case:wait "2d"
		case:expect { state = "asked", effects = { { "ask", by = "email", text = contains "arrived" } } }
		case:event("customer.answers", { happy = true })
		case:expect { state = { "concerns.missing", "steps.missing", "outcome.missing" } }
	end),

	test "an unhappy answer begins again, before the question or after it" (function(case)
		resolved(case)
		case:event("customer.answers", { happy = false })
		case:expect "speaking"
		case:event("listening.skipped", { reason = "they said it all" })
		case:event("agent.offers")
		case:event("customer.picks", { option = "voucher" })
		case:wait "2d"
		case:event("customer.answers", { happy = false })
		case:expect "speaking"
	end),

	test "no answer is an answer, after a week" (function(case)
		resolved(case)
		case:wait "8d23h"
		case:expect "asked"
		case:wait "1h"
		case:expect { state = "closed", because = "no answer came" }
	end),

	-- ---- the record ------------------------------------------------------------------------------

	test "a case ends when its record is written" (function(case)
		resolved(case)
		case:event("customer.answers", { happy = true })
		case:event("record.concerns", { text = "late parcel" })
		case:event("record.steps", { text = "sent again" })
		case:expect { closed = false }
		case:event("record.outcome", { outcome = "resolved" })
		case:expect { closed = true }
	end),

	test "what was written early counts" (function(case)
		heard(case)
		write_record(case)
		case:event("agent.offers")
		case:event("customer.picks", { option = "voucher" })
		case:event("customer.answers", { happy = true })
		case:expect { closed = true, because = "it was written before" }
	end),

	test "somebody is reminded each day, until the record is skipped with a reason" (function(case)
		resolved(case)
		case:event("customer.answers", { happy = true })
		case:event("record.steps", { text = "sent again" })
		case:wait "1d"
		case:expect_so_far { effects_include = { { "remind", of = "concerns" }, { "remind", of = "outcome" } }, no_effect = { "say" } }
		case:wait "1d"
		case:expect { effects_include = { { "remind", of = "concerns" } } }
		case:event("record.skip", { reason = "the customer asked us to delete it" }, { by = "agent:17" })
		case:expect { closed = true }
	end),

	test "all of it is missing, and all of it is asked for" (function(case)
		resolved(case)
		case:event("customer.answers", { happy = true })
		case:wait "1d"
		case:expect_so_far { effects_include = { { "remind", of = "concerns" }, { "remind", of = "steps" }, { "remind", of = "outcome" } } }
	end),

	-- ---- respect ----------------------------------------------------------------------------------

	test "the first insult is answered politely" (function(case)
		opened(case)
		angry(case)
		case:expect { raised = { "respect.strike" }, effects = { { "say", text = contains "respectful" } }, counters = { abuse = 1 } }
	end),

	test "the second brings the supervisor" (function(case)
		heard(case)
		angry(case)
		angry(case)
		case:expect { state = "handed-over.asking", raised = { "respect.strike", "respect.supervisor", "supervisor.requested" },
			effects_include = { { "page", to = "supervisor.on-duty" } } }
	end),

	test "unless the policy gives one more warning" (function(case)
		case:open { data = { order = "A-1" }, params = { warnings = 3 } }
		angry(case)
		angry(case)
		case:expect { not_state = "handed-over" }
		angry(case)
		case:expect "handed-over.asking"
	end),

	test "the fourth ends the contact, once somebody has taken over" (function(case)
		heard(case)
		angry(case)
		angry(case)
		case:event("person.acknowledges", {}, { by = "supervisor:1" })
		case:expect "understanding"
		angry(case)
		case:expect { not_state = "closed" }
		angry(case)
		case:expect { state = "closed", effects_include = { { "say", text = contains "I am ending" } } }
	end),

	each {
		{ wait = "29m59s", state = "handed-over" },
		{ wait = "30m", state = "conversation" },
		{ wait = "30m1s", state = "conversation" },
	} "a strike is forgiven after half an hour: {wait}" (function(case, row)
		case:open { data = { order = "A-1" } }
		angry(case)
		case:wait(row.wait)
		angry(case)
		case:expect { state = row.state }
		if row.state ~= "handed-over" then case:expect { effects = { { "say", text = contains "respectful" } } } end
	end),

	test "loud words that are no insults count for nothing" (function(case)
		opened(case)
		case:customer("WHERE IS IT?", { tone = -0.9 })
		case:expect { counters = { abuse = 0 }, raised = {} }
	end),

	-- ---- escalation ---------------------------------------------------------------------------------

	test "the supervisor is called twice, then the duty manager, then nobody is left" (function(case)
		choosing(case)
		case:event("customer.rejects", {})
		case:expect { effects = { { "page", to = "supervisor.on-duty", step = 1, attempt = 1 } } }
		case:wait "15m"
		case:expect { effects = { { "page", to = "supervisor.on-duty", step = 1, attempt = 2 } } }
		case:wait "15m"
		case:expect { effects = { { "page", to = "duty-manager", step = 2, attempt = 1 } } }
		case:wait "59m59s"
		case:expect "handed-over.asking"
		case:wait "1s"
		case:expect { state = "closed", raised = { "supervisor.nobody" } }
	end),

	each {
		{ wait = "14m59s", step = "step-1.call-1" },
		{ wait = "15m", step = "step-1.call-2" },
		{ wait = "1h", step = "step-2.call-1" },
	} "whoever takes it after {wait}, has it" (function(case, row)
		choosing(case)
		case:event("customer.rejects", {})
		case:wait(row.wait)
		case:expect { state = row.step }
		case:event("person.acknowledges", { policy = "supervisor" }, { by = "manager:4" })
		case:expect { state = { "understanding", "supervisor.ready" }, raised = { "supervisor.taken" } }
	end),

	test "an acknowledgement of something else is none" (function(case)
		choosing(case)
		case:event("customer.rejects", {})
		case:event("person.acknowledges", { policy = "legal" }, { by = "manager:4" })
		case:expect { state = "handed-over.asking", unhandled = true }
	end),

	test "and neither is it at the second step" (function(case)
		choosing(case)
		case:event("customer.rejects", {})
		case:wait "30m"
		case:event("person.acknowledges", { policy = "legal" }, { by = "manager:4" })
		case:expect { state = { "handed-over.asking", "step-2.call-1" }, unhandled = true }
	end),

	test "nobody is called any more when the contact has ended" (function(case)
		heard(case)
		angry(case)
		angry(case)
		angry(case)
		angry(case)
		case:expect { state = { "closed", "supervisor.ready" } }
		case:wait "15m"
		case:expect { no_effect = { "page" } }
	end),

	-- ---- the end -----------------------------------------------------------------------------------------

	test "a day in the life of one parcel" (function(case)
		resolved(case)
		case:wait "2d"
		case:event("customer.answers", { happy = true })
		write_record(case)
		case:expect { closed = true }
	end),
}
