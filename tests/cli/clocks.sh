#!/bin/sh
# SPDX-License-Identifier: MIT
# Named clocks: checked, drawn, run, told, tested, replayed, asked at the prompt; what SCXML has no word for is refused.
. "$(dirname "$0")/lib.sh"

cat >"$here/ticket.lua" <<-'END'
	return playbook "ticket" {
		calendar "support" { zone = "Europe/London", week = { ["mon-fri"] = "08:00-17:00" } },
		event "customer.message" { text = text {} },
		event "agent.message" { text = text {} },
		event "lead.extends" {},
		event "agent.solves" {},
		clock "resolve" { target = "4 business hours", runs_in = "ours", warn_at = { 0.5, "30 business minutes" } },
		state "ours" {
			on "agent.message" { to = "theirs" },
			on "agent.solves" { to = "over" },
			on "lead.extends" { act = function(case) case:clock("resolve"):move({ by = "1 business hour" }, "a part is missing") end },
			on "clock.resolve.breached" { to = "late", because = "four hours of ours are over" },
		},
		state "theirs" { on "customer.message" { to = "ours" }, after "7d" { to = "over" } },
		state "late" { on "agent.solves" { to = "over" }, after "7d" { to = "over" } },
		final "over" {},
	}
END
# Friday 16:00; the weekend; three hours of pause on Monday.
cat >"$here/events" <<-'END'
	{"case":"a","event":"customer.message","at":"2026-03-06T15:00:00Z","data":{"text":"It is broken."}}
	{"case":"a","event":"agent.message","at":"2026-03-06T16:00:00Z","data":{"text":"Is the lamp on?"}}
	{"case":"a","event":"customer.message","at":"2026-03-09T09:00:00Z","data":{"text":"It is."}}
	{"case":"a","event":"lead.extends","at":"2026-03-09T10:30:00Z"}
END

# The warning is heard by nobody: that is a note. The states in which somebody waits are not without a clock.
expect 0 "$aplomb" check --notes "$here/ticket.lua"
out_has 'ticket.lua:7:1: note: clock "resolve": no state listens to "clock.resolve.warning" [clock-unheard]'
out_lacks 'waits-without-clock'
sed 's/runs_in = "ours"/runs_in = "nowhere"/; s/final "over" {},/final "over" {}, state "nowhere" {},/' "$here/ticket.lua" >"$here/other.lua"
expect 1 "$aplomb" check "$here/other.lua"
out_has 'warning: clock "resolve": nothing ever enters a state in which it runs [clock-never-runs]'
expect 0 "$aplomb" draw "$here/ticket.lua"
out_has 'runs: clock resolve'
expect 0 "$aplomb" draw "$here/ticket.lua" --as mermaid
out_has 'runs clock resolve'
expect 2 "$aplomb" export "$here/ticket.lua"
err_has 'clock "resolve" pauses and keeps what it has counted, for which SCXML has no word [export-clock]'
expect 0 "$aplomb" help clock
out_has 'How much time there is'

# Told, and replayed.
expect 0 "$aplomb" run "$here/ticket.lua" -e "$here/events" --drain --transcript
out_has 'clock      resolve runs: 4 business hours, 0s of it used,'
out_has 'clock      resolve pauses: 1h counted, 1h in all'
out_has 'time       clock.resolve.warning'
out_has 'clock      resolve has now 5 business hours, 2h 30m of it'
out_has 'because a part is missing'
out_has 'clock resolve'
out_has 'because four hours of ours are over'
expect 0 "$aplomb" run "$here/ticket.lua" -e "$here/events" --drain -j "$here/journal" --summary none
expect 0 "$aplomb" replay "$here/journal" --verify --playbook "$here/ticket.lua"

# In a test.
cat >"$here/ticket_test.lua" <<-'END'
	return tests "ticket.lua" {
		test "a clock pauses" (function(case)
			case:open {}
			case:begin()
			case:expect { clocks = { resolve = { is_running = true, elapsed = "0 business hours", left = "4 business hours", warned = 0 } } }
			case:wait "2h"
			case:agent "Is it on?"
			case:wait "10h"
			case:expect { clocks = { resolve = { is_running = false, elapsed = "2 business hours", warned = 1, deadline = absent } } }
		end),
		test "wrong" (function(case)
			case:open {}
			case:begin()
			case:expect { clocks = { resolve = { left = "3 business hours" } } }
		end),
		test "unknown" (function(case)
			case:open {}
			case:begin()
			case:expect { clocks = { reslove = {} } }
		end),
	}
END
expect 2 "$aplomb" test "$here/ticket_test.lua"
out_has '1 passed, 2 failed'
out_has 'clocks           expected  { resolve = { left = "3 business hours" } }'
out_has 'clocks: playbook "ticket" has no clock "reslove"; did you mean "resolve"?'

# At the prompt.
printf '%s\n' 'open' 'show' 'wait 1h' '= left("resolve") < "4 business hours"' 'timers' >"$here/typed"
expect 0 "$aplomb" repl "$here/ticket.lua" --script "$here/typed"
out_has 'resolve runs: 0 business hours of 4 business hours'
out_has 'true'
out_has 'clock.resolve.warning'
done_testing
