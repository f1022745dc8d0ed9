-- SPDX-License-Identifier: MIT
--
-- An incident at an IT service desk, from the first report until it is filed.
--
-- The playbook hears one kind of event: the incident's record was updated. From what the record says now and said before it
-- sees when an incident is handed from group to group, falls silent, waits for the user, comes back after it was resolved, or
-- runs out of the time that was promised. It never acts itself: it asks for somebody to be told.

-- ---- what an update says, compared with the record so far -----------------------

local function moved(case, event)
	return event.state ~= nil and event.state ~= case.data.state
end

local function stays(case, event)
	return not moved(case, event)
end

local function closes(case, event)
	return moved(case, event) and event.state == "closed"
end

local function reopened(case, event)
	return (event.reopenings or 0) > case.data.reopenings
end

local function handed_over(case, event)
	return (event.reassignments or 0) > case.data.reassignments
end

local function handed_over_too_often(case, event)
	return handed_over(case, event) and event.reassignments >= case.params.hand_overs
end

local function changes_priority(case, event)
	return event.priority ~= nil and event.priority ~= case.data.priority
end

local function changes_priority_only(case, event)
	return changes_priority(case, event) and stays(case, event)
end

-- Keeps what the update said. A counter never goes back: an older record may arrive after a newer one.
local function remember(case, event)
	local data = case.data
	data.state = event.state or data.state
	data.priority = event.priority or data.priority
	data.group = event.group or data.group
	data.assignee = event.assignee or data.assignee
	data.reassignments = math.max(data.reassignments, event.reassignments or 0)
	data.reopenings = math.max(data.reopenings, event.reopenings or 0)
	data.reminders = 0
end

-- ---- what somebody is told --------------------------------------------------------

local function tell_the_group(what, reason)
	return function(case, event)
		case:effect("notify", { what = what, group = event.group or case.data.group }, { because = reason })
	end
end

local tell_the_new_group = tell_the_group("handed-over", "it is theirs now, and new to them")
local tell_that_it_is_back = tell_the_group("reopened", "the user says that it is not solved")

local function escalate(to, trouble, reason)
	return function(case)
		case.data.trouble[trouble] = true
		case:effect("escalate", { to = to, reason = trouble, priority = case.data.priority, group = case.data.group }, { because = reason })
	end
end

local function note_reopening(case)
	case.data.trouble.reopened = true
end

local function reminders_are_left(case)
	return case.data.reminders < case.params.reminders
end

local function was_hard(case)
	local trouble = case.data.trouble
	return trouble.reopened or trouble.reassignment or trouble.silence or trouble.late
end

-- Whoever was helped with so much trouble is asked how it went, and not by a form.
local function follow_up_if_it_was_hard(case)
	if not was_hard(case) then return end
	case:effect("follow-up", { caller = case.data.caller, group = case.data.group },
		{ because = "it was solved, but not smoothly: ask whether it is well now" })
end

-- ---- time -----------------------------------------------------------------------------

-- How long we may be silent about an incident of this priority.
local function silence(case)
	return case.params.silence[case.data.priority]
end

-- What is spent of the promised time: all the while it was ours, from the report on. The user called before
-- somebody wrote the record, and those minutes count.
local function spent(case)
	local before_the_record = case.opened_at - (case.data.reported_at or case.opened_at)
	return math.max(before_the_record, 0) + case:time_in("life.promise.clock", "total")
end

local function promised(case)
	return case.params.promise[case.data.priority]
end

local function until_the_warning(case)
	return math.max(promised(case) * case.params.warn_at // 100 - spent(case), 0)
end

local function until_the_promise(case)
	return math.max(promised(case) - spent(case), 0)
end

local function warn(case)
	local reason = spent(case) < promised(case) and "there is still time to keep the promise"
		or "with the priority it has now, the promise is broken already"
	case:effect("warn", { priority = case.data.priority, group = case.data.group, spent = spent(case), promised = promised(case) },
		{ because = reason })
end

local function nobody_here_can_act(case)
	return case:is_in("life.handling.with-user") or case:is_in("life.handling.settled")
end

local function it_is_ours(case)
	return case:is_in("life.handling.ours") or case:is_in("life.handling.with-others")
end

-- ---- fragments ----------------------------------------------------------------------

-- A state in which we wait for somebody else: no escalation, but a reminder whenever it has been silent for so long, and not
-- for ever. Every update begins the waiting anew.
local function waiting(id, after_so_long, whom, reason)
	local function remind(case)
		case.data.reminders = case.data.reminders + 1
		case:effect("remind", { whom = whom, group = case.data.group, times = case.data.reminders }, { because = reason })
	end

	return state(id) { initial = "asking",
		on "incident.updated" { when = stays, to = id, because = "something was written: wait anew" },
		state "asking" {
			after(after_so_long) {
				{ when = reminders_are_left, to = "asking", act = remind, because = reason },
				{ to = "asked-enough", because = "one more reminder would change nothing" },
			},
		},
		state "asked-enough" { rests = "they were reminded as often as it helps; whatever they write is taken up" },
	}
end

local function says(...)
	local states = { ... }
	return function(case)
		for _, name in ipairs(states) do
			if case.data.state == name then return true end
		end
		return false
	end
end

-- ---- the playbook ---------------------------------------------------------------------

return playbook "it-incident" {
	title = "IT incident",
	version = "1",
	initial = "life",

	params = {
		-- The time in which an incident should be resolved, as long as it is ours.
		promise = fields {
			critical = span { default = "4h" },
			high = span { default = "1d" },
			moderate = span { default = "5d" },
			low = span { default = "10d" },
		},
		-- Warn when so much of it is spent, in per cent.
		warn_at = integer { default = 75, min = 1, max = 100 },
		-- How long nothing may be written about an incident on which somebody here should work.
		silence = fields {
			critical = span { default = "2h" },
			high = span { default = "8h" },
			moderate = span { default = "3d" },
			low = span { default = "5d" },
		},
		-- At so many hand-overs from group to group somebody must take charge.
		hand_overs = integer { default = 4, min = 2 },
		-- Reminders while we wait for the user, or for a vendor and the like.
		remind_user_after = span { default = "3d" },
		remind_others_after = span { default = "5d" },
		reminders = integer { default = 3, min = 0 },
		-- A closed incident can be reopened for so long; then it is filed.
		keep = span { default = "90d" },
	},

	data = {
		reported_at = instant {},
		caller = text { personal = true },
		category = text {},
		contact = text {},

		state = one_of { "new", "active", "awaiting-user", "awaiting-vendor", "awaiting-problem", "awaiting-evidence", "resolved", "closed" },
		priority = one_of { "critical", "high", "moderate", "low", default = "moderate" },
		group = text {},
		assignee = text { personal = true },
		reassignments = integer { default = 0, min = 0 },
		reopenings = integer { default = 0, min = 0 },
		reminders = integer { default = 0, min = 0 },
		trouble = fields {
			reopened = boolean { default = false },
			reassignment = boolean { default = false },
			silence = boolean { default = false },
			late = boolean { default = false },
		},
	},

	event "incident.updated" {
		state = one_of { "new", "active", "awaiting-user", "awaiting-vendor", "awaiting-problem", "awaiting-evidence", "resolved", "closed" },
		priority = one_of { "critical", "high", "moderate", "low" },
		group = text {},
		assignee = text { personal = true },
		reassignments = integer { min = 0 },
		reopenings = integer { min = 0 },
	},

	effect "notify" { what = one_of { "handed-over", "reopened" }, group = text {} },
	effect "warn" {
		priority = one_of { "critical", "high", "moderate", "low" }, group = text {},
		spent = span {}, promised = span {},
	},
	effect "escalate" {
		to = one_of { "group-lead", "service-manager" }, reason = one_of { "silence", "reassignment", "late" },
		priority = one_of { "critical", "high", "moderate", "low" }, group = text {},
	},
	effect "remind" { whom = one_of { "user", "assignee" }, group = text {}, times = integer {} },
	effect "follow-up" { caller = text { personal = true }, group = text {} },

	parallel "life" {
		on "done.state.handling" {
			{ when = was_hard, to = "over-with-trouble", because = "it was reopened, passed around, left alone or late" },
			{ to = "over", because = "it went as it should" },
		},

		-- Who has it.
		state "routing" { initial = "in-good-hands",
			state "in-good-hands" {
				on "incident.updated" {
					{ when = handed_over_too_often, to = "passed-around",
					  act = { tell_the_new_group, escalate("service-manager", "reassignment", "nobody feels that it is theirs") },
					  because = "it has been handed from group to group too often: somebody must take charge" },
					{ when = handed_over, act = tell_the_new_group, because = "another group has it now" },
				},
			},
			state "passed-around" {
				on "incident.updated" { when = handed_over, act = tell_the_new_group, because = "another group has it now" },
			},
		},

		-- What is being done about it.
		state "handling" { initial = "reported",
			on "incident.updated" { when = moved, to = "sorting", because = "its record says that it stands elsewhere now" },

			state "reported" {                 -- the case is open; its first update follows at once
				on "incident.updated" { to = "sorting", because = "this is the first that its record says" },
			},

			state "sorting" {
				always {
					{ when = says "closed", to = "settled.closed", because = "it is closed" },
					{ when = says "resolved", to = "settled.resolved", because = "somebody resolved it" },
					{ when = says "awaiting-user", to = "with-user", because = "the user has to answer first" },
					{ when = says("awaiting-vendor", "awaiting-problem", "awaiting-evidence"), to = "with-others",
					  because = "somebody outside has to answer first" },
					{ when = says "active", to = "ours.watched.working", because = "somebody works on it" },
					{ to = "ours.watched.triage", because = "nobody has taken it yet" },
				},
			},

			state "ours" { initial = "watched",
				state "watched" { initial = "triage",
					on "incident.updated" { when = changes_priority_only, to = "as-it-was", because = "another priority may be silent for another time" },
					after(silence) { since = "incident.updated", to = "silent", because = "nobody wrote a word about it for too long" },
					state "triage" {},
					state "working" {},
					history "as-it-was" { default = "triage" },
				},
				state "silent" { initial = "lead-told",
					on "incident.updated" { when = stays, to = "watched.as-it-was", because = "somebody is on it again" },
					state "lead-told" {
						entry(escalate("group-lead", "silence", "somebody should look at it, or write why nobody can")),
						after(silence) { to = "manager-told", because = "the group's lead was told, and still nobody wrote a word" },
					},
					state "manager-told" { rests = "the service manager has it, and nobody is left to be told",
						entry(escalate("service-manager", "silence", "its group does not answer")),
					},
				},
			},

			waiting("with-user", from "params.remind_user_after", "user", "we asked the user and heard nothing"),
			waiting("with-others", from "params.remind_others_after", "assignee", "somebody outside should have answered: ask them again"),

			state "settled" {
				on "incident.updated" {
					{ when = reopened, to = "sorting", because = "the user says that it is not solved" },
					{ when = closes, to = "closed", because = "the user did not object" },
					{ when = moved, because = "an older record, for nobody reopened the incident: it changes nothing" },
				},
				state "resolved" { rests = "it is solved; only the user could say otherwise" },
				state "closed" {
					entry(follow_up_if_it_was_hard),
					after(from "params.keep") { since = "incident.updated", to = "filed", because = "nobody came back to it" },
				},
			},

			final "filed" {},
		},

		-- The time that was promised. It runs while the incident is ours, or a vendor's whom we chose, and rests while we wait for
		-- the user and after the resolution.
		state "promise" { initial = "resting",
			state "clock" { initial = "ticking",
				always { when = nobody_here_can_act, to = "resting", because = "nobody here can do anything now: the promised time rests" },
				on "incident.updated" { when = changes_priority, to = "as-it-was", because = "another priority was promised another time" },
				state "ticking" {
					after(until_the_warning) { to = "warned", act = warn, because = "most of the promised time is spent" },
				},
				state "warned" {
					after(until_the_promise) { to = "late", act = escalate("service-manager", "late", "the user should hear it from us first"),
					                           because = "the promised time is over" },
				},
				state "late" {},
				history "as-it-was" { default = "ticking" },
			},
			state "resting" {
				always { when = it_is_ours, to = "clock.as-it-was", because = "it is ours: the promised time runs" },
			},
		},

		-- The record comes last, so that the regions above can compare it with what the update says.
		state "record" {
			on "incident.updated" {
				{ when = reopened, act = { note_reopening, tell_that_it_is_back, remember }, because = "it was reopened once more than before" },
				{ act = remember },
			},
		},
	},

	final "over" { outcome = "closed" },
	final "over-with-trouble" { outcome = "closed after trouble" },
}
