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
		to = { "text", "from", required = true, sentence = "Whom: a person, a role, a duty." },
		answer_in = { "span", required = true, sentence = "How long they have." },
		times = { "number", default = 1, sentence = "How often they are called before the next one is." },
	},
}

local MOST_TIMES = 20

-- The number of nodes stays small, and a mistake does not become a flood of calls.
local function mistake_in(steps)
	if #steps == 0 then return 'a policy has one step at least: escalation.step { to = "…", answer_in = "…" }' end
	for number, step in ipairs(steps) do
		local times = step.times
		if math.type(times) ~= "integer" or times < 1 or times > MOST_TIMES then
			return "step " .. number .. " is to be called " .. times .. " times; between 1 and " .. MOST_TIMES .. " is possible"
		end
	end
end

-- An action: calls the person of a step for the n-th time.
local function call(policy, step, number, attempt)
	local to = step.to
	return function(case)
		case:effect("page", { to = to, policy = policy, step = number, attempt = attempt })
	end
end

local function raise(event)
	return function(case) case:raise(event) end
end

-- A guard: is the answer for this policy? Who does not say means whichever is asking.
local function is_for(policy)
	return "not has(event.policy) or event.policy == '" .. policy .. "'"
end

escalation.policy = define "escalation.policy" {
	form = 'escalation.policy "id" { escalation.step …, … }',
	sentence = "Who is called, one after another, until somebody takes it.",
	named = true,
	items = "escalation.step",
	fields = {},
	make = function(id, _, steps)
		local mistake = mistake_in(steps)
		if mistake then return nil, mistake end
		local requested, withdrawn, taken, nobody = id .. ".requested", id .. ".withdrawn", id .. ".taken", id .. ".nobody"

		local function tell_taken(case, event) case:raise(taken, { by = event.by }) end

		local nodes = {
			initial = "ready",
			event(requested) { reason = text {} },
			event(withdrawn) {},
			event(taken) { by = text {} },
			event(nobody) {},
			event "person.acknowledges" { policy = text {} },
			effect "page" { to = text { required = true }, policy = text {}, step = integer {}, attempt = integer {} },
			on(withdrawn) { to = "ready", because = "nobody needs to come any more" },
			state "ready" {
				rests = "nobody has asked for anybody yet",
				on(requested) { to = "step-1" },
			},
		}
		for number, step in ipairs(steps) do
			local is_last = number == #steps
			local calls = { on "person.acknowledges" { to = "ready", when = is_for(id), act = tell_taken } }
			for attempt = 1, step.times do
				local leads = { to = "call-" .. attempt + 1, because = "they did not answer in time" }
				if attempt == step.times then
					leads = is_last and { to = "ready", act = raise(nobody), because = "nobody is left who could be called" }
						or { to = "step-" .. number + 1, because = "they did not answer in time" }
				end
				table.insert(calls, state("call-" .. attempt) { entry(call(id, step, number, attempt)), after(step.answer_in)(leads) })
			end
			table.insert(nodes, state("step-" .. number)(calls))
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
