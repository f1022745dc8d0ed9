-- SPDX-License-Identifier: MIT
-- Whom an alarm calls: by day, by night, at a weekend, on a holiday.

local function alarm(case, later)
	case:open {}
	if later then case:wait(later) end
	case:event("alarm", { what = "the pump stands still" })
	return case
end

local function page(to, step, attempt) return { "page", to = to, step = step, attempt = attempt or 1 } end

return tests "playbook.lua" {
	starts = "2026-11-23T10:00:00Z",

	test "by day it is whose turn it is, then the team lead" (function(case)
		alarm(case)
		case:expect { effects = { page("Ada", 1) } }
		case:wait "10m"
		case:expect { effects = { page("Ada", 1, 2) } }
		case:wait "10m"
		case:expect { effects = { page("team-lead", 2) } }
		case:wait "15m"
		case:expect { effects = { page("Ada", 3) } }
		case:event("person.acknowledges", {}, { by = "Ada" })
		case:expect { raised = { "on-call.taken" } }
	end),

	each {
		{ when = "10h", to = "Night desk" }, { when = "2d10h", to = "Eve" }, { when = "3d3h", to = "Dee" }, { when = "3d10h", to = "Night desk" },
		{ when = "5d1h", to = "Ada" }, { when = "7d", to = "Bob" },
	} "after {when} it is {to}" (function(case, row)
		alarm(case, row.when)
		case:expect { effects = { page(row.to, 1) } }
	end),

	test "on a Sunday nobody is on duty and the lead has off: the duty manager is called at once" (function(case)
		alarm(case, "6d")
		case:expect { effects = { page("duty-manager", 3) } }
	end),

	test "on the afternoon of Christmas Eve the office is closed" (function(case)
		alarm(case, "31d3h")
		case:wait "20m"
		case:expect { state = "on-call.step-3.call-1" }
	end),

	test "it goes round three times, and then nobody came" (function(case)
		alarm(case, "6d")
		case:wait "1h30m"
		case:expect { raised = { "on-call.nobody" } }
	end),
}
