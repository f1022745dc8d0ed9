-- SPDX-License-Identifier: MIT
--
-- Escalation: the next person is called, and has to say so in time; else called
-- again, else the next one, until somebody has taken it or nobody is left.
--
-- The policy is a region of its own beside the conversation, so that calling goes
-- on whatever the customer does. The handover is a state of the conversation that
-- asks the policy and waits. They speak through events that carry the policy's
-- id, and in no other way.

local escalation = {}

escalation.step = define "escalation.step" {
	form = 'escalation.step { to = "…", answer_in = "…" }',
	sentence = "Who is called, and how long they have to take it.",
	fields = {
		to = { "text", "from", sentence = "Whom: a person, a role, a duty. A step has this or a rota." },
		rota = { "rota_id", sentence = "Whoever this rota says is on duty; asked anew for each call." },
		next = { "boolean", sentence = "Not who is on duty by the rota, but who is so after them." },
		if_nobody = { "text", sentence = "When the rota has nobody: skip the step (without this), wait until somebody is on duty, or call the fallback." },
		fallback = { "text", "from", sentence = "Who is called when the rota has nobody and if_nobody is \"fallback\"." },
		only_during = { "calendar_id", sentence = "A calendar: when it is closed the step is passed over." },
		answer_in = { "span", required = true, sentence = "How long they have." },
		times = { "number", default = 1, sentence = "How often they are called before the next one is." },
	},
}

local MOST_TIMES, MOST_STEPS, MOST_REPEATS = 20, 50, 10

local function is_between(number, least, most)
	return math.type(number) == "integer" and number >= least and number <= most
end

-- What is wrong within one step, or nil.
local function mistake_in_step(step)
	if (step.to == nil) == (step.rota == nil) then return 'says whom it calls by one of to = "…" and rota = "…"' end
	local how = step.if_nobody
	if step.rota == nil then
		if how or step.fallback or step.next then return "has no rota, so if_nobody, fallback and next mean nothing in it" end
	else
		if how and how ~= "skip" and how ~= "wait" and how ~= "fallback" then
			return 'knows if_nobody = "skip", "wait" and "fallback", and not "' .. how .. '"'
		end
		if (how == "fallback") ~= (step.fallback ~= nil) then return 'needs both if_nobody = "fallback" and fallback = "…", or neither' end
	end
	if not is_between(step.times, 1, MOST_TIMES) then
		return "is to be called " .. step.times .. " times; between 1 and " .. MOST_TIMES .. " is possible"
	end
end

-- Can it happen that nobody is called by it?
local function is_conditional(step)
	return step.only_during ~= nil or (step.rota ~= nil and step.if_nobody ~= "fallback")
end

-- The number of nodes stays small, and a mistake does not become a flood of calls.
local function mistake_in(steps, fields)
	if #steps == 0 then return 'a policy has one step at least: escalation.step { to = "…", answer_in = "…" }' end
	if #steps > MOST_STEPS then return "a policy has at most " .. MOST_STEPS .. " steps" end
	for number, step in ipairs(steps) do
		local mistake = mistake_in_step(step)
		if mistake then return "step " .. number .. " " .. mistake end
	end
	if is_conditional(steps[#steps]) then
		return "step " .. #steps .. ' is the last and may call nobody; let it be one that always calls somebody: to = "…", or a rota with a fallback, '
			.. "and without only_during"
	end
	local from = fields.repeat_from
	if from ~= nil and not is_between(from, 1, #steps) then return "repeat_from is the number of a step, from 1 to " .. #steps end
	if fields.repeats ~= nil and (from == nil or fields.until_ack) then return "repeats goes with repeat_from, and not with until_ack" end
	if fields.repeats ~= nil and not is_between(fields.repeats, 1, MOST_REPEATS) then
		return "repeats is between 1 and " .. MOST_REPEATS .. "; what goes on until somebody takes it is until_ack = true"
	end
end

-- Whom a step calls now; nil: nobody.
local function whom(case, step)
	if step.rota == nil then return step.to end
	local who
	if step.next then who = case:on_duty(step.rota, "next") else who = case:on_duty(step.rota) end
	if who == nil and step.if_nobody == "fallback" then return step.fallback end
	return who
end

-- An action: calls the person of a step for the n-th time.
local function call(policy, step, number, attempt)
	return function(case)
		local to = whom(case, step)
		if to == nil then return end
		case:effect("page", { to = to, policy = policy, step = number, attempt = attempt, rota = step.rota })
	end
end

local function raise(event)
	return function(case) case:raise(event) end
end

-- A guard: is the answer for this policy? Who does not say means whichever is asking.
local function is_for(policy)
	return "not has(event.policy) or event.policy == '" .. policy .. "'"
end

-- What comes before the first call of a step that may call nobody: one after another, the first that is true.
local function choosing(step, leads)
	local function passed(reason)
		local copy = { because = reason }
		for key, value in pairs(leads) do if key ~= "because" then copy[key] = value end end
		return copy
	end
	local nodes = {}
	if step.only_during then
		local closed = passed("it is closed now, and the step is for when it is open")
		closed.when = function(case) return not case:is_open(step.only_during) end
		table.insert(nodes, always(closed))
	end
	table.insert(nodes, always { to = "call-1", when = function(case) return whom(case, step) ~= nil end })
	if step.if_nobody == "wait" then
		-- With `next` somebody may be on duty and nobody after them: that is nobody to wait for.
		table.insert(nodes, always { to = "waiting", because = "nobody is on duty, and somebody will be", when = function(case)
			local from = case:next_duty(step.rota)
			return from ~= nil and from > case.now
		end })
	end
	if step.rota then table.insert(nodes, always(passed("nobody is on duty"))) end
	return state "choosing" (nodes)
end

-- One step, as a state of that name. [leads] is where it goes when nobody took it.
local function step_state(policy, name, step, number, leads, ways)
	local nodes = {}
	for _, way in ipairs(ways) do table.insert(nodes, way) end
	if is_conditional(step) then table.insert(nodes, choosing(step, leads)) end
	if step.if_nobody == "wait" then
		table.insert(nodes, state "waiting" {
			at(function(case) return case:next_duty(step.rota) or case.now end) { to = "choosing", because = "somebody is on duty now" },
		})
	end
	for attempt = 1, step.times do
		local on_time = attempt == step.times and leads or { to = "call-" .. attempt + 1, because = "they did not answer in time" }
		local calls = { entry(call(policy, step, number, attempt)) }
		if step.rota and attempt > 1 and step.if_nobody ~= "fallback" then
			-- Their duty has ended meanwhile, and nobody's began.
			local gone = {}
			for key, value in pairs(leads) do gone[key] = value end
			gone.because = "nobody is on duty any more"
			gone.when = function(case) return whom(case, step) == nil end
			table.insert(calls, always(gone))
		end
		table.insert(calls, after(step.answer_in)(on_time))
		table.insert(nodes, state("call-" .. attempt)(calls))
	end
	return state(name)(nodes)
end

-- What somebody who was called does with person.escalates: it goes to the step that they name, or to the next.
local function sending_on(policy, steps, leads)
	local ways = {}
	for number = 1, #steps do
		table.insert(ways, { to = "step-" .. number, because = "they sent it there",
			when = "(" .. is_for(policy) .. ") and has(event.step) and event.step == " .. number })
	end
	table.insert(ways, { to = leads.to, act = leads.act, because = "they sent it on", when = "(" .. is_for(policy) .. ") and not has(event.step)" })
	return on "person.escalates" (ways)
end

-- The steps as they are taken, one after another: { name, number }. What is repeated so often is there so often.
local function sequence(steps, fields)
	local order = {}
	for number = 1, #steps do table.insert(order, { name = "step-" .. number, number = number }) end
	for round = 1, fields.repeat_from and not fields.until_ack and (fields.repeats or 1) or 0 do
		for number = fields.repeat_from, #steps do
			table.insert(order, { name = "again-" .. round .. "-step-" .. number, number = number })
		end
	end
	return order
end

-- What the states below will do, for people: `aplomb who` tells it.
local function plan_of(id, fields, steps)
	local told = {}
	for number, step in ipairs(steps) do
		local answer_in = step.answer_in
		if type(answer_in) == "function" then answer_in = nil end
		told[number] = { to = step.to, rota = step.rota, next = step.next, if_nobody = step.if_nobody, fallback = step.fallback,
			only_during = step.only_during, answer_in = answer_in, times = step.times }
	end
	return callout(id) { steps = told, repeat_from = fields.repeat_from, repeats = fields.repeats, until_taken = fields.until_ack,
		may_send_on = fields.may_send_on }
end

escalation.policy = define "escalation.policy" {
	form = 'escalation.policy "id" { escalation.step …, … }',
	sentence = "Who is called, one after another, until somebody takes it.",
	named = true,
	items = "escalation.step",
	fields = {
		repeat_from = { "number", sentence = "The step from which it begins again when the last was in vain." },
		repeats = { "number", sentence = "How often it begins again; once without it." },
		may_send_on = { "boolean", sentence = "Whoever is called may send it on, by person.escalates: to the next step, or to the one that they name." },
		until_ack = { "boolean", sentence = "It begins again, at repeat_from or at the first step, until somebody takes it: nobody is never raised." },
	},
	make = function(id, fields, steps)
		local mistake = mistake_in(steps, fields)
		if mistake then return nil, mistake end
		local requested, withdrawn, taken, nobody = id .. ".requested", id .. ".withdrawn", id .. ".taken", id .. ".nobody"

		local function tell_taken(case, event) case:raise(taken, { by = event.by }) end

		local nodes = {
			initial = "ready",
			plan_of(id, fields, steps),
			event(requested) { reason = text {} },
			event(withdrawn) {},
			event(taken) { by = text {} },
			event(nobody) {},
			event "person.acknowledges" { policy = text {} },
			fields.may_send_on and event "person.escalates" { policy = text {}, step = integer {} } or group {},
			effect "page" { to = text { required = true }, policy = text {}, step = integer {}, attempt = integer {}, rota = text {} },
			on(withdrawn) { to = "ready", because = "nobody needs to come any more" },
			state "ready" {
				rests = "nobody has asked for anybody yet",
				on(requested) { to = "step-1" },
			},
		}
		local order = sequence(steps, fields)
		for place, item in ipairs(order) do
			local step = steps[item.number]
			local leads = { because = "they did not answer in time" }
			if order[place + 1] then
				leads.to = order[place + 1].name
			elseif fields.until_ack then
				leads.to = "step-" .. (fields.repeat_from or 1)
			else
				leads = { to = "ready", act = raise(nobody), because = "nobody is left who could be called" }
			end
			local ways = { on "person.acknowledges" { to = "ready", when = is_for(id), act = tell_taken } }
			if fields.may_send_on then table.insert(ways, sending_on(id, steps, leads)) end
			local node = step_state(id, item.name, step, item.number, leads, ways)
			table.insert(nodes, node)
		end
		return state(id)(nodes)
	end,
}

escalation.handover = define "escalation.handover" {
	form = 'escalation.handover "id" { policy = "…", done = { taken = …, nobody = … } }',
	sentence = "Asks an escalation policy for somebody, and waits.",
	named = true,
	fields = {
		policy = { "text", required = true, sentence = "The id of the policy, which stands in a region beside this one." },
		done = { "outcomes", required = true, sentence = "Where `taken` leads, and `nobody`." },
	},
	make = function(id, fields)
		local requested, withdrawn = fields.policy .. ".requested", fields.policy .. ".withdrawn"
		return state(id) {
			done = fields.done,
			state "asking" {
				rests = "the policy has clocks of its own, and answers in any case",
				entry(raise(requested)),
				on(fields.policy .. ".taken")  { to = "taken" },
				on(fields.policy .. ".nobody") { to = "nobody" },
				exit(raise(withdrawn)),
			},
			final "taken" {},
			final "nobody" {},
		}
	end,
}

return escalation
