-- SPDX-License-Identifier: MIT
-- Words of the library that are called wrongly, and names it does not have.
local listening = require "aplomb.listening"
local record = require "aplomb.record"
local talk = require "aplomb.talk"

return playbook "calls" {
	uses = { talk, listening },
	listening.state { patience = "10m" },
	listening.state "heard" { patience = "10 minutes or so", done = { heard = "closed", silnt = "closed" } },
	listening.state "half",
	listening.state,
	record.close "closed" { remind = true },
	state "s" {
		entry(talk.suggest, talk.suggest "a", talk.say "b", talk.notify { to = "lead" }),
		on "customer.message" { act = talk.suggest "c" {} },
	},
}
