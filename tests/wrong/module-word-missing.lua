-- SPDX-License-Identifier: MIT
-- A field that a module's word needs is missing.
local talk = require "aplomb.talk"

return playbook "wrong" {
	uses = { talk },
	state "waiting" { rests = "nobody has written yet",
		entry(talk.notify { to = "team-lead" }),
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
