-- SPDX-License-Identifier: MIT
--
-- Following up: a promise to ask, some time after all seems well, whether it
-- is. It is kept though the customer writes something else in between: only an
-- answer to the question counts as one.

local talk = require "aplomb.talk"

local followup = {}

local function ask(by, words)
	return function(case) case:effect("ask", { by = by, text = words }) end
end

followup.promise = define "followup.promise" {
	sentence = "Asks the customer later whether all is well, and waits for the answer.",
	named = true,
	fields = {
		after = { "span", required = true, sentence = "How much later." },
		by = { "text", default = "email", sentence = "By which way." },
		ask = { "text", "phrase", default = phrase "followup.ask", sentence = "What is asked." },
		patience = { "span", default = "7d", sentence = "How long an answer is waited for." },
		done = { "outcomes", required = true, sentence = "Where `happy`, `unhappy` and `silent` lead." },
	},
	make = function(id, fields)
		-- Whoever answers before they were asked has answered.
		local function answers()
			return on "customer.answers" {
				{ to = "happy", when = "event.happy" },
				{ to = "unhappy" },
			}
		end

		return state(id) {
			done = fields.done,
			talk.declares,
			effect "ask" { by = text { required = true }, text = text { required = true, personal = true } },

			state "promised" {
				answers(),
				after(fields.after) { to = "asked", because = "it was promised" },
			},
			state "asked" {
				entry(ask(fields.by, fields.ask)),
				answers(),
				after(fields.patience) { to = "silent", because = "no answer came" },
			},

			final "happy" {},
			final "unhappy" {},
			final "silent" {},
		}
	end,
}

return followup
