-- SPDX-License-Identifier: MIT
--
-- Turns STAR dialogues (JSON Lines on standard input, a dialogue each) into events for `aplomb run`, a file for each task:
--
--   xz -dc dialogues.jsonl.xz | lua5.4 tests/service-desk/convert.lua TASKS-FOLDER OUTPUT-FOLDER
--
-- It runs in the project's root, and decides what an event of a dialogue is called. It decides nothing about how a dialogue keeps
-- its graph: that is for the playbook.
--
--   * Only complete dialogues of a single task count: CompletionLevel is Complete, MultiTask is false.
--   * What the agent picked to say is `agent.LABEL` when the task's graph has that label, and `agent.beside` when it has not.
--   * What the agent wrote freely is `agent.message`; its words stay where they are.
--   * That the customer is done is `conversation.ended`.
--   * What customers said, look-ups and what the experiment told its people are left out.
--
-- Prints how many dialogues each task has.

local read_json = dofile "tests/json_read.lua"

local tasks_folder, output = assert(arg[1], "expected the folder of the tasks"), assert(arg[2], "expected a folder to write in")

-- Task → the set of the labels in its graph.
local labels_of = setmetatable({}, {
	__index = function(all, task)
		local file = assert(io.open(tasks_folder .. "/" .. task .. ".json", "rb"))
		local labels = {}
		for label, following in pairs(read_json(file:read("a")).graph) do
			labels[label], labels[following] = true, true
		end
		file:close()
		all[task] = labels
		return labels
	end,
})

-- The name of what happened, and whose doing it was; nil when it is none of the playbook's business.
local function told(event, labels)
	if event.Agent == "User" and event.Action == "complete" then return "conversation.ended", "customer" end
	if event.Agent ~= "Wizard" then return nil end
	if event.Action == "utter" then return "agent.message", "agent" end
	if event.Action ~= "pick_suggestion" then return nil end
	return labels[event.ActionLabel] and "agent." .. event.ActionLabel:gsub("_", "-") or "agent.beside", "agent"
end

local by_task, tasks = {}, {}
for line in io.lines() do
	local dialogue = read_json(line)
	local scenario = dialogue.Scenario
	if dialogue.CompletionLevel == "Complete" and not scenario.MultiTask then
		local task = scenario.WizardCapabilities[1].Task
		if not by_task[task] then
			by_task[task] = { dialogues = 0 }
			tasks[#tasks + 1] = task
		end
		local events = by_task[task]
		events.dialogues = events.dialogues + 1
		for i, event in ipairs(dialogue.Events) do
			local name, by = told(event, labels_of[task])
			if name then
				events[#events + 1] = {
					at = event.UnixTime, dialogue = dialogue.DialogueID, place = i,
					line = ('{"at":"%s","by":"%s","case":"dialogue-%d","event":"%s","id":"%d/%d"}\n'):format(
						os.date("!%Y-%m-%dT%H:%M:%SZ", event.UnixTime), by, dialogue.DialogueID, name, dialogue.DialogueID, i),
				}
			end
		end
	end
end

table.sort(tasks)
for _, task in ipairs(tasks) do
	local events = by_task[task]
	table.sort(events, function(a, b)
		if a.at ~= b.at then return a.at < b.at end
		if a.dialogue ~= b.dialogue then return a.dialogue < b.dialogue end
		return a.place < b.place
	end)
	local file = assert(io.open(output .. "/" .. task .. ".jsonl", "wb"))
	for _, event in ipairs(events) do file:write(event.line) end
	file:close()
	print(task, events.dialogues)
end
