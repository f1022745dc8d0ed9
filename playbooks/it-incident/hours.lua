-- SPDX-License-Identifier: MIT
--
-- The same incidents, and the same events, under a service level in business hours: two clocks that run only while the desk is
-- open, and only while it is our turn.
--
-- It decides how much of the time that was promised is spent, and warns while something can still be done. Hand-overs, silence and
-- reminders are for playbook.lua. A host that wants both runs both, each in cases of its own.

-- ---- what an update says ---------------------------------------------------------

local PLACES = {
	["new"] = "new", ["active"] = "ours", ["awaiting-user"] = "with-user", ["awaiting-vendor"] = "with-others",
	["awaiting-problem"] = "with-others", ["awaiting-evidence"] = "with-others", ["resolved"] = "resolved", ["closed"] = "closed",
}

local function says(...)
	local states = { ... }
	return function(case)
		for _, name in ipairs(states) do
			if case.data.state == name then return true end
		end
		return false
	end
end

-- ---- what was promised -----------------------------------------------------------

local function to_answer(case)
	return case.params.respond[case.data.priority]
end

local function to_solve(case)
	return case.params.resolve[case.data.priority]
end

-- Keeps what the update said. Another priority was promised another time, and what was spent stays spent: of a clock whose turn is over
-- nothing is promised any more.
local function remember(case, event)
	local data, before, place = case.data, case.data.priority, PLACES[case.data.state or ""]
	data.priority = event.priority or data.priority
	if place ~= nil and data.priority ~= before then
		local reason = "its priority is " .. data.priority .. " now"
		if place == "new" then case:clock("respond"):move(to_answer(case), reason) end
		if place ~= "resolved" and place ~= "closed" then case:clock("resolve"):move(to_solve(case), reason) end
	end
	data.state = event.state or data.state or "new"
	data.group = event.group or data.group
end

-- ---- what somebody is told ---------------------------------------------------------

local function warn(clock)
	return function(case, event)
		case:effect("warn", { clock = clock, priority = case.data.priority, group = case.data.group, left = event.left },
			{ because = "most of the time that was promised is spent, and there is still some left" })
	end
end

local function escalate(clock)
	return function(case)
		case:effect("escalate", { clock = clock, priority = case.data.priority, group = case.data.group },
			{ because = "the time that was promised is over" })
	end
end

return playbook "it-incident" {
	title = "IT incident, in business hours",
	version = "hours-1",
	initial = "life",

	-- The hours of the desk, and the days on which England has none.
	calendar "desk" {
		zone = "Europe/London",
		week = { ["mon-thu"] = "08:00-12:30 13:00-18:00", fri = "08:00-12:30 13:00-16:30" },
		holidays = {
			["2016-03-25"] = "Good Friday", ["2016-03-28"] = "Easter Monday", ["2016-05-02"] = "Early May bank holiday",
			["2016-05-30"] = "Spring bank holiday", ["2016-08-29"] = "Summer bank holiday",
			["2016-12-26"] = "Boxing Day", ["2016-12-27"] = "Christmas Day, in lieu", ["2017-01-02"] = "New Year's Day, in lieu",
		},
		exceptions = { ["2016-03-24"] = "08:00-12:30", ["2016-04-09"] = "10:00-14:00" },
	},

	params = {
		-- Until somebody takes it.
		respond = fields {
			critical = span { default = "30 business minutes" },
			high = span { default = "1 business hour" },
			moderate = span { default = "4 business hours" },
			low = span { default = "8 business hours" },
		},
		-- Until it is solved, as long as it is our turn.
		resolve = fields {
			critical = span { default = "4 business hours" },
			high = span { default = "8 business hours" },
			moderate = span { default = "24 business hours" },
			low = span { default = "40 business hours" },
		},
	},

	data = {
		reported_at = instant {}, caller = text { personal = true }, category = text {}, contact = text {},
		state = one_of { "new", "active", "awaiting-user", "awaiting-vendor", "awaiting-problem", "awaiting-evidence", "resolved", "closed" },
		priority = one_of { "critical", "high", "moderate", "low", default = "moderate" },
		group = text {},
	},

	event "incident.updated" {
		state = one_of { "new", "active", "awaiting-user", "awaiting-vendor", "awaiting-problem", "awaiting-evidence", "resolved", "closed" },
		priority = one_of { "critical", "high", "moderate", "low" },
		group = text {}, assignee = text { personal = true }, reassignments = integer { min = 0 }, reopenings = integer { min = 0 },
	},

	effect "warn" {
		clock = one_of { "respond", "resolve" }, priority = one_of { "critical", "high", "moderate", "low" }, group = text {}, left = span {},
	},
	effect "escalate" {
		clock = one_of { "respond", "resolve" }, priority = one_of { "critical", "high", "moderate", "low" }, group = text {},
	},

	clock "respond" {
		target = to_answer, runs_in = { "life.new" }, warn_at = { 0.75 },
		because = "whoever reports something should soon hear that somebody has it",
	},
	clock "resolve" {
		target = to_solve, runs_in = { "life.new", "life.ours", "life.with-others" }, warn_at = { 0.5, 0.8 },
		because = "what waits for the user does not cost our time, what waits for a vendor whom we chose does",
	},

	state "life" { initial = "reported",
		on "incident.updated" { to = "sorting", act = remember, because = "its record was updated" },
		on "clock.respond.warning" { act = warn "respond" },
		on "clock.respond.breached" { act = escalate "respond" },
		on "clock.resolve.warning" { act = warn "resolve" },
		on "clock.resolve.breached" { act = escalate "resolve" },

		state "reported" { rests = "the case is open; its first update follows at once" },
		state "sorting" {
			always {
				{ when = says "new", to = "new" },
				{ when = says "active", to = "ours" },
				{ when = says "awaiting-user", to = "with-user" },
				{ when = says("awaiting-vendor", "awaiting-problem", "awaiting-evidence"), to = "with-others" },
				{ when = says "resolved", to = "resolved" },
				{ to = "closed" },
			},
		},
		state "new" { rests = "its clocks run" },
		state "ours" { rests = "its clock runs" },
		state "with-others" { rests = "its clock runs: whom we chose is our affair" },
		state "with-user" { rests = "the user has to answer first, and nobody is hurried for that" },
		state "resolved" { rests = "it is solved; only its record could say otherwise" },
		state "closed" { rests = "it is closed; only its record could say otherwise" },
	},
}
