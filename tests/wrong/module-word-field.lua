-- SPDX-License-Identifier: MIT
-- A field of a module's word is misspelt.
local talk = require "aplomb.talk"

return playbook "wrong" {
	uses = { talk },
	state "waiting" { rests = "nobody has written yet",
		entry(talk.notify { to = "team-lead", txt = "Somebody waits." }),
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
