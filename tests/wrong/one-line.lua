-- SPDX-License-Identifier: MIT
-- Alike words in one line, tables from elsewhere, words in loops: each finding still knows its column.
local shared = { default = "x" }
local function made(id) return state(id) { initial = "nowhere", state "inner" {} } end
local types = { a = integer { default = 1 }, b = integer { default = "b" }, c = integer {}, d = integer { default = "d" } }
return playbook "p" {
	data = { a = text {}, b = text { mx = 1 }, c = list { of = list { of = text { mn = 1 } } }, e = 1, ["é"] = 2, d = text { deflt = 1 } },
	params = types,
	event "go" {}, event "go" {}, event "on" { x = integer(shared) },
	state "s" { on "go" { to = "x" }, on { "go", "gone" } { { to = { "s", "y" } }, { to = "z" } }, after(from "params.e") { to = "s" } },
	made("t"), made("u"),
	group { state "v" { [[word]] }, state("w", { titel = 1 }) }
}
