-- SPDX-License-Identifier: MIT
-- A member that the module does not have.
local talk = require "aplomb.talk"

return playbook "member" {
	uses = { talk },
	state "s" { entry(talk.sugest "apology.late") },
}
