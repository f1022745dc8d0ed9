-- SPDX-License-Identifier: MIT
-- Everything that can be found is found at once.
return playbook "p" {
	data = { n = integr {} },
	state "s" {},
}
