-- SPDX-License-Identifier: MIT
-- The playbook's tests, run by `aplomb test playbooks/it-incident`.

-- The record of an incident was updated.
local function updated(case, fields) return case:event("incident.updated", fields, { by = "agent" }) end

local function opens(case, fields)
	case:open { data = { caller = "Ada" } }
	return updated(case, fields)
end

local function resolved_and_filed(case)
	updated(case, { state = "resolved" })
	updated(case, { state = "closed" })
	return case:wait "90d"
end

return tests "playbook.lua" {
	test "an incident that goes as it should" (function(case)
		opens(case, { state = "new", priority = "moderate", group = "desk" })
		case:expect { state = { "triage", "ticking", "in-good-hands" }, effects = {}, due = { watched = "3d", ticking = "3d18h" } }
		updated(case, { state = "active", assignee = "Mira" })
		case:expect { state = "working", data = { assignee = "Mira", priority = "moderate" } }
		case:wait "1d"
		updated(case, { state = "resolved" })
		case:expect { state = { "settled.resolved", "resting" }, not_due = "clock" }
		updated(case, { state = "closed" })
		case:expect { state = "settled.closed", effects = {}, due = { closed = "90d" } }
		case:wait "90d"
		case:expect { outcome = "closed" }
		case:expect_so_far { effects = {}, findings = false }
	end),

	-- Silence, by priority, to the minute.
	each {
		{ priority = "critical", before = "1h59m" },
		{ priority = "high", before = "7h59m" },
		{ priority = "moderate", before = "2d23h59m" },
		{ priority = "low", before = "4d23h59m" },
	} "nobody writes a word about one of priority {priority}" (function(case, row)
		opens(case, { state = "active", priority = row.priority, group = "network" })
		case:wait(row.before)
		case:expect { state = "watched", no_effect = "escalate" }
		case:wait "1m"
		case:expect {
			state = "lead-told",
			effects_include = { { "escalate", to = "group-lead", reason = "silence", priority = row.priority, group = "network" } },
		}
	end),

	test "the lead was told, and still nobody writes" (function(case)
		opens(case, { state = "active", priority = "low" })
		case:wait "10d"
		case:expect { state = "manager-told", data = { trouble = { silence = true } } }
		case:expect_so_far { effects_include = { { "escalate", to = "group-lead" }, { "escalate", to = "service-manager", reason = "silence" } } }
	end),

	test "a word ends the silence, where it was" (function(case)
		opens(case, { state = "active", priority = "critical" })
		case:wait "2h"
		updated(case, { assignee = "Jon" })
		case:expect { state = "working", due = { watched = "2h" } }
	end),

	test "a higher priority may be silent for less long" (function(case)
		opens(case, { state = "new", priority = "low" })
		case:wait "1h"
		updated(case, { priority = "critical" })
		case:expect { state = { "triage", "ticking" }, due = { watched = "2h", ticking = "2h" } }
	end),

	test "most of the promised time is spent, then all of it" (function(case)
		opens(case, { state = "active", priority = "critical" })
		case:wait "1h"
		updated(case, {})
		case:wait "1h59m"
		updated(case, {})
		case:expect { state = "ticking" }
		case:wait "1m"
		case:expect { state = "warned", effects = { { "warn", spent = "3h", promised = "4h", because = "there is still time to keep the promise" } } }
		updated(case, {})
		case:wait "1h"
		case:expect { state = "late", effects = { { "escalate", to = "service-manager", reason = "late" } }, data = { trouble = { late = true } } }
	end),

	test "the promised time rests while the user has to answer" (function(case)
		opens(case, { state = "active", priority = "critical" })
		case:wait "1h"
		updated(case, { state = "awaiting-user" })
		case:expect { state = { "with-user", "resting" }, not_due = "clock.ticking" }
		case:wait "2d"
		updated(case, { state = "active" })
		case:expect { state = { "working", "ticking" }, due = { ticking = "2h" } }
	end),

	test "the minutes before the record was written count" (function(case)
		case:open { data = { reported_at = "2026-03-02T08:00:00Z" } }
		updated(case, { state = "new", priority = "critical" })
		case:expect { due = { ticking = "2h" } }
	end),

	test "the user is reminded three times and then left in peace" (function(case)
		opens(case, { state = "awaiting-user", group = "desk" })
		for times = 1, 3 do
			case:wait "3d"
			case:expect { state = "with-user.asking", effects = { { "remind", whom = "user", group = "desk", times = times } } }
		end
		case:wait "3d"
		case:expect { state = "with-user.asked-enough", effects = {} }
		updated(case, { state = "active" })
		case:expect { state = "working", data = { reminders = 0 } }
	end),

	test "a vendor is waited for on our own time" (function(case)
		opens(case, { state = "awaiting-vendor", priority = "high" })
		case:expect { state = { "with-others", "ticking" } }
		case:wait "5d"
		case:expect { effects_include = { { "remind", whom = "assignee", times = 1 } } }
		updated(case, { group = "vendors" })
		case:expect { state = "with-others.asking", due = { asking = "5d" } }
	end),

	test "at the fourth hand-over somebody must take charge" (function(case)
		opens(case, { state = "new", group = "desk" })
		for n = 1, 3 do
			updated(case, { group = "group-" .. n, reassignments = n })
			case:expect { effects = { { "notify", what = "handed-over", group = "group-" .. n } }, state = "in-good-hands" }
		end
		updated(case, { group = "group-4", reassignments = 4 })
		case:expect { state = "passed-around", effects = { { "notify", group = "group-4" }, { "escalate", to = "service-manager", reason = "reassignment" } } }
		updated(case, { group = "group-5", reassignments = 5 })
		case:expect { effects = { { "notify", group = "group-5" } } }
	end),

	test "it comes back, and whoever was helped with so much trouble is asked how it went" (function(case)
		opens(case, { state = "active", group = "desk" })
		updated(case, { state = "resolved" })
		updated(case, { state = "active", reopenings = 1 })
		case:expect { state = "working", effects = { { "notify", what = "reopened" } }, data = { trouble = { reopened = true } } }
		updated(case, { state = "resolved" })
		updated(case, { state = "closed" })
		case:expect { effects = { { "follow-up", caller = "Ada", group = "desk" } } }
		case:wait "90d"
		case:expect { outcome = "closed after trouble" }
	end),

	test "an older record changes nothing once it is settled" (function(case)
		opens(case, { state = "active" })
		updated(case, { state = "resolved" })
		updated(case, { state = "active" })
		case:expect { state = "settled.resolved", because = "an older record, for nobody reopened the incident: it changes nothing" }
		resolved_and_filed(case)
		case:expect { outcome = "closed" }
	end),
}
