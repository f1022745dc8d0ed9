-- SPDX-License-Identifier: MIT
--
-- Active listening, as a state with an order in it. The customer has the floor
-- until they are done. An answer before that counts as an interruption. The state
-- is left as heard only after the agent has said back what was understood, and
-- the customer did not say that it was something else.

local talk = require "aplomb.talk"

local listening = {}

listening.state = define "listening.state" {
	sentence = "The customer is heard, until a summary stands.",
	named = true,
	fields = {
		patience = { "span", default = "10m", sentence = "How long nobody may say anything." },
		done = { "outcomes", required = true, sentence = "Where `heard` leads, and `silent`: we owe an answer for too long." },
	},
	make = function(id, fields)
		local interrupted = id .. ".interrupted"
		local skipped = id .. ".skipped"

		local words = phrase "listening.let-them-finish"

		local function note_interruption(case)
			case:raise(interrupted)
			case:effect("suggest", { phrase = "listening.let-them-finish", text = words }, { because = "the customer has not finished" })
		end

		return state(id) {
			done = fields.done,
			talk.declares,
			event(interrupted) {},
			event(skipped) { reason = text { required = true } },

			-- A customer who only wants a tracking number is not held; who skipped it, and why, stands in the journal.
			on(skipped) { to = "heard", because = "listening was skipped, for the reason in the event" },

			state "speaking" {
				on "customer.message" {},          -- is listened to
				on "customer.done"  { to = "finished" },
				on "agent.summary"  { to = "checking" },
				on "agent.message"  { act = note_interruption },
				after(fields.patience) { since = { "customer.message", "agent.message" }, to = "silent", because = "nobody said anything" },
			},

			state "finished" {
				on "customer.message" { to = "speaking", because = "there is more to say" },
				on "agent.summary"    { to = "checking" },
				on "agent.message"    {},          -- a question, or a word of comfort
				after(fields.patience) { since = "agent.message", to = "silent", because = "the customer has finished, and we did not answer" },
			},

			state "checking" {
				on "customer.confirms" { to = "heard" },
				on { "customer.corrects", "customer.message" } { to = "speaking", because = "the summary was not all of it" },
				after(fields.patience) { to = "heard", because = "the customer did not object to the summary" },
			},

			final "heard" {},
			final "silent" {},
		}
	end,
}

return listening
