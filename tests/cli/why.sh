#!/bin/sh
# SPDX-License-Identifier: MIT
# Why a clock stands where it does: every stretch with its reason, sums that add up, and what is said when they cannot.
. "$(dirname "$0")/lib.sh"

cat >"$here/desk.lua" <<'END'
return playbook "desk" {
	calendar "support" {
		zone = "Europe/London",
		week = { ["mon-fri"] = "08:00-17:00" },
		holidays = { ["2026-12-25"] = "Christmas Day", ["2026-12-28"] = "Boxing Day, in lieu" },
		exceptions = { ["2026-12-24"] = "08:00-12:00" },
	},
	event "customer.message" {}, event "agent.message" {}, event "agent.solves" {},
	event "lead.extends" { by = span {}, reason = text {} },
	clock "resolve" { target = "4 business hours", runs_in = { "work.ours" }, warn_at = { 0.5, "30 business minutes" } },
	clock "silence" { target = "3d", runs_in = { "work.theirs" } },
	state "work" {
		on "agent.solves" { to = "solved" },
		on "lead.extends" { act = function(case, event) case:clock("resolve"):move({ by = event.by }, event.reason) end },
		state "ours" { on "agent.message" { to = "theirs" } },
		state "theirs" { on "customer.message" { to = "ours" } },
	},
	final "solved" {},
}
END
cat >"$here/events.jsonl" <<'END'
{"case":"T-1","event":"customer.message","at":"2026-12-23T15:00:00Z","by":"customer"}
{"case":"T-2","event":"customer.message","at":"2026-12-23T15:00:00Z","by":"customer"}
{"case":"T-1","event":"agent.message","at":"2026-12-23T16:30:00Z","by":"agent"}
{"case":"T-1","event":"customer.message","at":"2026-12-24T11:00:00Z","by":"customer"}
{"case":"T-1","event":"lead.extends","at":"2026-12-25T10:00:00Z","by":"lead","data":{"by":"1 business hour","reason":"they are away until January"}}
END
expect 0 "$aplomb" run "$here/desk.lua" --events "$here/events.jsonl" --journal "$here/desk.journal" --summary none

expect 0 "$aplomb" why "$here/desk.journal" --clock resolve --case T-1 --playbook "$here/desk.lua"
err_is_empty
out_is_within 80
sed 's/version [0-9a-f]*/version …/; s/zone data [0-9a-f]*/zone data …/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
resolve  5 business hours, which is 5h
runs in   work.ours
calendar  support, Europe/London, version …, zone data …

Wed 23 December 2026 (+00:00)
  15:00   runs in work.ours (entry 1)
  15:00 to 16:30             open                  1h30m       1h30m
  16:30   stops in work.theirs (entry 3)
  16:30 to Thu 24 Dec 11:00  paused                -           1h30m
                             in work.theirs

Thu 24 December 2026 (+00:00)
  11:00   runs in work.ours (entry 4)
  11:00 to 11:30             open                  30m         2h
  11:30   warning at 50 % (entry 5)
  11:30 to 12:00             open                  30m         2h30m
  12:00 to Fri 25 Dec 00:00  closed, by exception  -           2h30m

Fri 25 December 2026 (+00:00)
  00:00 to 10:00             holiday               -           2h30m
                             Christmas Day
  10:00   moved to 5 business hours because they are away until January (entry
          6)
  ... and so it will go on, if the case stays where it is:
  10:00 to Sat 26 Dec 00:00  holiday               -           2h30m
                             Christmas Day

Sat 26 December 2026 (+00:00)
  00:00 to Mon 28 Dec 00:00  closed                -           2h30m

Mon 28 December 2026 (+00:00)
  00:00 to Tue 29 Dec 00:00  holiday               -           2h30m
                             Boxing Day, in lieu

Tue 29 December 2026 (+00:00)
  00:00 to 08:00             closed                -           2h30m
  08:00 to 10:30             open                  2h30m       5h
  10:30   deadline of 5 business hours reached: the lines above come to 5h

deadline  Tue 29 December 2026 10:30 (+00:00)
counted   2h30m of 5h by Fri 25 December 2026 10:00 (+00:00)
left      2h30m, and the deadline stands if the case stays where it is
END

# Of several cases the first, which is said; as of an earlier time it is told as it was then.
expect 0 "$aplomb" why "$here/desk.journal" --clock resolve --playbook "$here/desk.lua" --at 2026-12-24T08:00:00Z
err_has 'the journal holds several cases; this is "T-1", and --case chooses another'
out_has 'left      2h30m; it waits for the case to be in work.ours'
# Clock time, in UTC; one that never ran; one that is breached.
expect 0 "$aplomb" why "$here/desk.journal" --clock silence --case T-1 --playbook "$here/desk.lua"
out_has 'calendar  none: it counts the clock'
out_has '  16:30 to Thu 24 Dec 11:00  counts                18h30m      18h30m'
expect 0 "$aplomb" why "$here/desk.journal" --clock silence --case T-2 --playbook "$here/desk.lua"
out_has 'so far    it does not run yet, and nothing is counted'
expect 0 "$aplomb" why "$here/desk.journal" --clock resolve --case T-2 --playbook "$here/desk.lua" --at 2027-01-04T12:00:00Z
out_has 'breached  and it counts on'

# The same data for programs: they add up there, too.
expect 0 "$aplomb" why "$here/desk.journal" --clock resolve --case T-1 --playbook "$here/desk.lua" --format json
out_has '"deadline":"2026-12-29T10:30:00Z","elapsed_us":9000000000,"target_us":18000000000,"left_us":9000000000'
out_has '{"what":"holiday","from":"2026-12-28T00:00:00Z","until":"2026-12-29T00:00:00Z","counted_us":0,"elapsed_us":9000000000,"ahead":true,"name":"Boxing Day, in lieu"}'
sum=0
for counted in $(grep -o '"counted_us":[0-9]*' "$here/out" | cut -d: -f2); do sum=$((sum + counted)); done
[ "$sum" -eq 18000000000 ] || fail "the counted stretches come to $sum"

# What cannot be told is said.
expect 64 "$aplomb" why "$here/desk.journal" --clock resolv --playbook "$here/desk.lua"
err_has 'playbook "desk" has no clock "resolv"; did you mean "resolve"?'
expect 64 "$aplomb" why "$here/desk.journal" --playbook "$here/desk.lua"
err_has 'which clock? Give --clock with its name'
expect 64 "$aplomb" why "$here/desk.journal" --clock resolve
err_has 'which playbook did the case run?'
expect 66 "$aplomb" why "$here/none" --clock resolve --playbook "$here/desk.lua"
expect 66 "$aplomb" why "$here/desk.journal" --clock resolve --case T-3 --playbook "$here/desk.lua"
err_has 'there is no case "T-3"'
sed 's/08:00-17:00/09:00-17:00/' "$here/desk.lua" >"$here/other.lua"
expect 2 "$aplomb" why "$here/desk.journal" --clock resolve --case T-1 --playbook "$here/other.lua"
err_has '[account-calendar]'
grep -v '"what":"stop"' "$here/desk.journal" >"$here/cut.journal"
expect 2 "$aplomb" why "$here/cut.journal" --clock resolve --case T-1 --playbook "$here/desk.lua"
err_has '[journal-seq]'
err_has '[account-sum]'

# The same of a case that is played, in turned time.
cat >"$here/play" <<'END'
wait until 2026-12-23T15:00:00Z
open
wait 90m
do agent.message
wait 2h
why resolve
why resolv
END
expect 65 "$aplomb" repl "$here/desk.lua" --script "$here/play"
out_has '  16:30 to 18:30             paused                -           1h30m'
out_has 'left      2h30m; it waits for the case to be in work.ours'
out_has 'there is no state "resolv"'

done_testing
