-- SPDX-License-Identifier: MIT
return playbook "p" {
	"waiting",
	5,
	{ to = "s" },
	function() end,
	state "s" { true },
	integer {},
}
