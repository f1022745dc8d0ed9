-- SPDX-License-Identifier: MIT
-- A module has no such member.
local talk = require "aplomb.talk"

return playbook "wrong" {
	uses = { talk },
	state "waiting" { rests = "nobody has written yet",
		entry(talk.sugest "apology.late"),
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
