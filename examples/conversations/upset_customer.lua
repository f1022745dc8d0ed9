-- SPDX-License-Identifier: MIT
-- A hard conversation with an upset customer: listen, understand, offer a
-- choice, keep what was promised. Beside it stands a second region that watches
-- how people speak to each other. It warns politely, then firmly, then brings
-- a supervisor, then ends the contact.

-- ---- what is said --------------------------------------------------------

local function suggest(phrase, text)
	return function(case) case:effect("suggest", { phrase = phrase, text = text }) end
end

local function acknowledge(case, event)
	if event.tone and event.tone <= -0.6 then
		case:effect("suggest", { phrase = "empathy.upset", text = "I can hear how frustrating this is. Please tell me what happened, I am listening." })
	else
		case:effect("suggest", { phrase = "empathy.plain", text = "Thank you for telling me. Let me make sure that I have understood." })
	end
end

local function slow_down(case)
	case:effect("suggest", { phrase = "calm.slower", text = "Take a breath. Speak slower and ask an open question." },
		{ because = "the customer is still upset; an answer now would sound like a defence" })
end

local function is_abusive(_, event) return event.abusive end
local function is_civil(_, event) return not event.abusive end
local function is_upset(_, event) return event.tone ~= nil and event.tone <= -0.6 and not event.abusive end

local function note_cause(case, event) case.data.cause = event.cause end

-- ---- what can be offered -------------------------------------------------

local function offer_solutions(case)
	local options = { "send it again by express", "a voucher of 10.00 GBP" }
	if case.data.value == nil or case.data.value <= case.params.refund_limit then
		table.insert(options, 2, "refund the order")
	else
		table.insert(options, 2, "a refund, once the supervisor has looked at it")
	end
	case:effect("offer", { options = options })
end

local function note_choice(case, event)
	case.data.chosen = event.option
	case:effect("carry-out", { option = event.option })
end

-- ---- who has to know -----------------------------------------------------

local function tell_team_lead(case)
	case:effect("notify", { to = "team-lead", text = "A customer has been waiting for us for half an hour." })
end

local function hand_over(case)
	local minutes = (case.now - case.opened_at) // 60000000
	case:effect("hand-over", {
		to = "supervisor",
		summary = "cause: " .. case.data.cause .. "; insults so far: " .. case:count("abuse") .. "; open for " .. minutes .. " minutes",
	})
	case:effect("suggest", { phrase = "handover.customer", text = "I would like my supervisor to join us, so that you get the help you need." })
end

local function warn(case)
	case:effect("say", { text = "I can see why you are upset, and I want to help. Please let us keep this respectful, then I can." })
end

local function warn_again(case)
	case:effect("say", { text = "I have asked you once. If you go on like this, I will bring in my supervisor. I would rather solve it with you." })
end

local function end_contact(case)
	case:effect("say", { text = "We have asked you to keep this respectful. I am ending our conversation now. Please write to us, and we will answer." })
	case:effect("rest", { who = "agent", minutes = 10 }, { because = "the agent was insulted more than once" })
end

local function call_supervisor(case) case:raise("respect.supervisor") end
local function no_more(case) case:raise("respect.ended") end

local function was_ended(case) return case:is_in("work.conversation.ended") end

-- ---- the chart -----------------------------------------------------------

return playbook "upset-customer" {
	title = "An upset customer",
	version = "1",
	initial = "work",

	params = {
		patience = span { default = "30m" },
		follow_up = span { default = "2d" },
		refund_limit = money { default = "60.00 GBP" },
	},

	data = {
		order = text { required = true },
		value = money {},
		cause = one_of { "stress", "product", "misunderstanding", "bad-day", "unknown", default = "unknown" },
		chosen = text {},
	},

	event "customer.message" { text = text { personal = true }, tone = number { min = -1, max = 1 }, abusive = boolean { default = false } },
	event "customer.confirms" { text = text { personal = true } },
	event "customer.picks" { option = text { required = true }, text = text { personal = true } },
	event "customer.content" { text = text { personal = true } },
	event "customer.discontent" { text = text { personal = true } },
	event "agent.message" { text = text { personal = true } },
	event "agent.summary" { text = text { personal = true } },
	event "agent.cause" { cause = one_of { "stress", "product", "misunderstanding", "bad-day", "unknown" }, text = text {} },
	event "supervisor.takes" { text = text {} },
	event "respect.supervisor" {},
	event "respect.ended" {},

	effect "suggest" { phrase = text {}, text = text {} },
	effect "say" { text = text {} },
	effect "offer" { options = list { of = text {} } },
	effect "carry-out" { option = text {} },
	effect "notify" { to = text {}, text = text {} },
	effect "hand-over" { to = text {}, summary = text {} },
	effect "rest" { who = text {}, minutes = integer {} },

	counter "abuse" { of = "customer.message", when = is_abusive, window = "1h" },

	parallel "work" {
		on "done.state.conversation" {
			{ when = was_ended, to = "ended", because = "we had to end the contact" },
			{ to = "resolved", because = "the customer has what was promised" },
		},

		state "conversation" {
			initial = "talking",
			on "respect.supervisor" { to = "supervised", because = "the customer was asked twice to keep it respectful, and did not" },
			on "respect.ended" { to = "ended", act = end_contact, because = "asked twice and joined by a supervisor, the customer went on" },

			state "talking" {
				initial = "listening",

				state "listening" {
					on "customer.message" { when = is_civil, act = acknowledge, because = "first let them finish and feel heard" },
					on "agent.summary" { to = "confirming", because = "the agent said back what was understood" },
					after(from "params.patience") { since = "agent.message", to = "waiting", because = "we went silent, not the customer" },
				},

				state "confirming" {
					on "customer.confirms" { to = "understanding", because = "the customer agrees with our summary" },
					on "customer.message" { when = is_civil, to = "listening", act = acknowledge, because = "there is more to hear" },
					after(from "params.patience") { to = "understanding", because = "nobody objected to the summary" },
				},

				state "understanding" {
					entry(suggest("apology.sincere", "I am sorry that this happened to you. Let me find out why.")),
					on "customer.message" { when = is_upset, act = slow_down },
					on "agent.cause" { to = "choosing", act = note_cause, because = "with the cause known, a solution can fit it" },
					after(from "params.patience") { since = "agent.message", to = "waiting", because = "we went silent, not the customer" },
				},

				state "choosing" {
					entry(offer_solutions),
					on "customer.picks" { to = "promised", act = note_choice, because = "the customer chose" },
					on "customer.message" { when = is_upset, act = slow_down },
					after "1d" { to = "promised", because = "the offer stands; we ask again with the follow-up" },
				},

				history "where-we-were" { default = "listening" },
			},

			state "waiting" {
				entry(tell_team_lead),
				on "agent.message" { to = "talking.where-we-were", because = "we are back" },
				on "agent.summary" { to = "talking.confirming", because = "we are back, with a summary" },
				after "2h" { to = "supervised", because = "nobody came back to the customer" },
			},

			state "supervised" {
				entry(hand_over),
				on "supervisor.takes" { to = "talking.understanding", because = "the supervisor has taken the case, with its whole story" },
				after "4h" { to = "ended", because = "no supervisor took the case" },
			},

			state "promised" {
				after(from "params.follow_up") {
					act = suggest("follow-up.ask", "We promised to ask: is everything all right now?"),
					to = "asked", because = "what we promised is due",
				},
				on "customer.discontent" { to = "talking", because = "it did not help" },
			},

			state "asked" {
				on "customer.content" { to = "content", because = "the customer says so" },
				on "customer.discontent" { to = "talking", because = "it did not help" },
				after "5d" { to = "content", because = "no answer to our question means no complaint" },
			},

			final "content" {},
			final "ended" {},
		},

		state "respect" {
			initial = "calm",

			state "calm" {
				on "customer.message" { when = is_abusive, to = "warned", act = warn, because = "the first insult is answered politely and clearly" },
			},
			state "warned" {
				on "customer.message" { when = is_abusive, to = "warned-again", act = warn_again, because = "a second insult within the hour" },
				after "1h" { to = "calm", because = "an hour of respect, so the warning is forgotten" },
			},
			state "warned-again" {
				on "customer.message" { when = is_abusive, to = "escalated", act = call_supervisor, because = "a third insult: now somebody else speaks" },
				after "1h" { to = "calm", because = "an hour of respect, so the warnings are forgotten" },
			},
			state "escalated" {
				on "customer.message" { when = is_abusive, act = no_more, because = "a fourth insult, with the supervisor in the conversation" },
				after "1d" { to = "calm", because = "a day has passed" },
			},
		},
	},

	final "resolved" { outcome = "resolved" },
	final "ended" { outcome = "ended" },
}
