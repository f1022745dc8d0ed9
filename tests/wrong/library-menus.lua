-- SPDX-License-Identifier: MIT
-- Menus of the library that make no sense, each in its own way.
local solutions = require "aplomb.solutions"
local option = solutions.option
local done = { accepted = "over", exhausted = "over" }

return playbook "menus" {
	solutions.menu "empty" { done = done },
	solutions.menu "twice" { option "a" { title = "A" }, option "a" { title = "B" }, done = done },
	solutions.menu "nowhere" { option "a" { title = "A", otherwise = "b" }, done = done },
	solutions.menu "itself" { option "a" { title = "A", otherwise = "a" }, done = done },
	solutions.menu "both" {
		option "a" { title = "A", otherwise = "c" },
		option "b" { title = "B", otherwise = "c" },
		option "c" { title = "C" },
		done = done,
	},
	solutions.menu "id" { option "One More" { title = "A" }, done = done },
	solutions.menu "kinds" { option "a" { title = 5, compromise = "yes", cots = "1.00 GBP" }, "b", state "c" {}, done = done },
	solutions.menu "out" { option "a" { title = "A" }, done = { accepted = "ovre" } },
	final "over" {},
}
