-- SPDX-License-Identifier: MIT
--
-- Makes a playbook from a task graph of the STAR dialogues: the graph's steps, for playbooks/service-desk/guide.lua.
--
--   lua5.4 tests/service-desk/compile.lua TASK.json >playbook.lua
--
-- It runs in the project's root, and decides what of a graph is a step:
--
--   * A step is what the agent says.
--   * A look-up (`query`, `query_check`, `query_book`) is none. What leads to a look-up leads to what follows it.
--   * An answer (`yes`, `available`, …) is none either, and the graph does not say where it is given. So a step before it has no
--     next one, and what comes after an answer is a beginning of its own.
--   * Steps stand in the order in which the graph first names them. `_` becomes `-`, as in every id.

local read_json = dofile "tests/json_read.lua"

local LOOK_UP = { query = true, query_check = true, query_book = true }
local ANSWER = {
	yes = true, no = true, available = true, unavailable = true, query_success = true, query_failure = true, info_missing = true,
	info_missing2 = true, correct = true, incorrect = true, noanswer = true, done = true,
}

local function text_of(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local function id_of(label) return (label:gsub("_", "-")) end

local task = assert(arg[1]:match("([%w_]+)%.json$"), "expected TASK.json")
local value, names = read_json(text_of(arg[1]))
local graph = value.graph

local function next_of(label)
	local following = graph[label]
	if following and LOOK_UP[following] then following = graph[following] end
	if following and ANSWER[following] then return nil end
	assert(not following or not LOOK_UP[following], "a look-up leads to a look-up")
	return following
end

local rows, seen = {}, {}
local function add(label)
	if not label or LOOK_UP[label] or ANSWER[label] or seen[label] then return end
	seen[label] = true
	local following = next_of(label)
	rows[#rows + 1] = ('\t\tguide.step "%s" {%s},'):format(id_of(label), following and (' next = "%s" '):format(id_of(following)) or "")
end
for _, label in ipairs(names[graph]) do
	add(label)
	add(graph[label])
end

io.write(([[
local guide = require "guide"

return playbook "%s" {
	title = "%s",
	params = guide.params(),
	data = guide.data(),

	guide.walk "conversation" {
%s
	},
}
]]):format(id_of(task), (task:gsub("_", " ")), table.concat(rows, "\n")))
