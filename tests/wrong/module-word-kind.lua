-- SPDX-License-Identifier: MIT
-- A field of a module's word holds the wrong kind of value.
local talk = require "aplomb.talk"

return playbook "wrong" {
	uses = { talk },
	state "waiting" { rests = "nobody has written yet",
		entry(talk.notify { to = 12, text = "Somebody waits." }),
		on "customer.message" { to = "talking" },
	},
	state "talking" { rests = "a wrong playbook needs no clock",
		on "agent.message" { to = "done" },
	},
	final "done" {},
}
