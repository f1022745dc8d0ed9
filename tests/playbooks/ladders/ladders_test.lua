-- SPDX-License-Identifier: MIT
-- Each request as a ladder: whom it calls, and when. Tests begin on Monday, 2 March 2026, at nine.

-- The policy is asked for somebody after so long.
local function asked(case, policy, later)
	case:open {}
	if later then case:wait(later) end
	case:event(policy .. ".requested", {})
	return case
end

local function page(to, step, attempt) return { "page", to = to, step = step, attempt = attempt or 1 } end

return tests "ladders.lua" {
	starts = "2026-03-02T09:00:00Z",

	test "a step whose rota has nobody is passed over at once" (function(case)
		asked(case, "skips", "5d")
		case:expect { state = "skips.step-2.call-1", effects = { page("duty-manager", 2) } }
	end),

	test "and one that has somebody is not" (function(case)
		asked(case, "skips")
		case:expect { state = "skips.step-1.call-1", effects = { page("Ada", 1) } }
		case:wait "14m59s"
		case:expect { state = "skips.step-1.call-1", effects = {} }
		case:wait "1s"
		case:expect { state = "skips.step-1.call-2", effects = { page("Ada", 1, 2) } }
		case:wait "15m"
		case:expect { effects = { page("duty-manager", 2) } }
		case:wait "1h"
		case:expect { state = "skips.ready", raised = { "skips.nobody" } }
	end),

	test "the second call goes to whoever is on duty by then" (function(case)
		asked(case, "skips", "23h50m")
		case:expect { effects = { page("Ada", 1) } }
		case:wait "15m"
		case:expect { effects = { page("Bob", 1, 2) } }
	end),

	test "and to nobody when their duty has ended meanwhile" (function(case)
		asked(case, "skips", "4d8h50m")
		case:expect { state = "skips.step-1.call-1" }
		case:wait "15m"
		case:expect { state = "skips.step-2.call-1", effects = { page("duty-manager", 2) } }
	end),

	test "a step may wait until somebody is on duty" (function(case)
		asked(case, "waits", "5d")
		case:expect { state = "waits.step-1.waiting", effects = {} }
		case:wait "1d14h59m59s"
		case:expect { state = "waits.step-1.waiting", effects = {} }
		case:wait "1s"
		case:expect { state = "waits.step-1.call-1", effects = { page("Ada", 1) } }
	end),

	test "but not for somebody who never comes" (function(case)
		asked(case, "waits")
		case:wait "15m"
		case:expect { state = "waits.step-3.call-1", effects = { page("duty-manager", 3) } }
	end),

	test "who waits is called no more when it was taken" (function(case)
		asked(case, "waits", "5d")
		case:event("person.acknowledges", { policy = "waits" }, { by = "manager" })
		case:expect { state = "waits.ready", raised = { "waits.taken" } }
	end),

	test "a step may call somebody else instead" (function(case)
		asked(case, "falls-back", "5d")
		case:expect { effects = { page("night-desk", 1) } }
		case:wait "15m"
		case:expect { effects = { page("night-desk", 1, 2) } }
		case:wait "15m"
		case:expect { state = "falls-back.ready", raised = { "falls-back.nobody" } }
	end),

	test "it begins again at a step, so often" (function(case)
		asked(case, "repeats")
		case:expect { effects = { page("agent", 1) } }
		for _, round in ipairs { "5m", "20m", "20m" } do
			case:wait(round)
			case:expect { effects = { page("manager", 2) } }
			case:wait "10m"
			case:expect { effects = { page("director", 3) } }
		end
		case:wait "20m"
		case:expect { state = "repeats.ready", effects = {}, raised = { "repeats.nobody" } }
	end),

	test "or until somebody takes it" (function(case)
		asked(case, "goes-on")
		case:wait "5m"
		for _ = 1, 30 do
			case:wait "10m"
			case:expect { state = "goes-on.step-2.call-1", effects = { page("manager", 2) } }
		end
		case:event("person.acknowledges", {}, { by = "manager" })
		case:expect { state = "goes-on.ready", raised = { "goes-on.taken" } }
		case:wait "1d"
		case:expect { effects = {} }
	end),

	test "who was called may send it to another step, or on" (function(case)
		asked(case, "jumps")
		case:event("person.escalates", { step = 3 }, { by = "agent" })
		case:expect { state = "jumps.step-3.call-1", effects = { page("director", 3) }, because = "they sent it there" }
		case:event("person.escalates", { policy = "jumps", step = 1 }, { by = "director" })
		case:expect { state = "jumps.step-1.call-1", effects = { page("agent", 1) } }
		case:event("person.escalates", {}, { by = "agent" })
		case:expect { state = "jumps.step-2.call-1", effects = { page("manager", 2) }, because = "they sent it on" }
		case:event("person.escalates", { policy = "another" }, { by = "manager" })
		case:expect { state = "jumps.step-2.call-1", unhandled = true }
		case:event("person.escalates", {}, { by = "manager" })
		case:event("person.escalates", {}, { by = "director" })
		case:expect { state = "jumps.ready", raised = { "jumps.nobody" } }
	end),

	test "and then whoever is on duty after them" (function(case)
		asked(case, "after-them")
		case:expect { effects = { page("Ada", 1) } }
		case:wait "10m"
		case:expect { effects = { page("Bob", 2) } }
		case:wait "10m"
		case:expect { effects = { page("duty-manager", 3) } }
	end),

	each {
		{ when = "0s", to = "desk" }, { when = "7h59m", to = "desk" }, { when = "8h", to = "night-desk" }, { when = "5d", to = "night-desk" },
	} "after {when} the {to} is called" (function(case, row)
		asked(case, "in-hours", row.when)
		case:expect { effects = { { "page", to = row.to } } }
	end),
}
