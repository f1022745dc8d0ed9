-- SPDX-License-Identifier: MIT
--
-- A customer cannot sign in, and an agent goes through the guide with them. What the playbook does about it stands in guide.lua;
-- this file says which steps there are. Put your own here.

local guide = require "guide"

return playbook "locked-account" {
	title = "The customer cannot sign in",
	version = "1",
	params = guide.params(),
	data = guide.data(),

	guide.walk "conversation" {
		guide.step "greet" { next = "ask-name" },
		guide.step "ask-name" { next = "ask-account" },
		guide.step "ask-account" { next = "ask-proof" },
		guide.step "ask-proof" { next = { "unlock", "hand-over" } },
		guide.step "unlock" { next = "check-it-works" },
		guide.step "check-it-works" { next = { "say-goodbye", "ask-account" } },
		guide.step "hand-over" { next = "say-goodbye" },
		guide.step "say-goodbye" {},
	},
}
