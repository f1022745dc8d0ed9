-- SPDX-License-Identifier: MIT
-- The honest playbook that runs beside each hostile one, in the same runtime.
local honest = require "honest"
return playbook "beside" {
	uses = { honest },
	data = honest.data(),
	state "work" { honest.work() },
}
