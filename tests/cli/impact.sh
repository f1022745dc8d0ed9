#!/bin/sh
# SPDX-License-Identifier: MIT
# What a calendar that changed would move: in a store, in a journal, kept and recomputed.
. "$(dirname "$0")/lib.sh"

desk() {
	cat <<END
return playbook "desk" {
	calendar "support" {
		zone = "Europe/London",
		week = { ["mon-fri"] = "08:00-17:00" },$1
	},
	event "customer.message" {}, event "agent.message" {},
	clock "resolve" { target = "8 business hours", runs_in = "ours", warn_at = { 0.8 } },
	state "ours" { on "agent.message" { to = "theirs" }, after "2 business days" { to = "late" } },
	state "theirs" { on "customer.message" { to = "ours" } },
	state "late" {},
}
END
}
desk '' >"$here/desk.lua"
desk ' holidays = { ["2026-03-25"] = "Founders Day" }, changes = "recompute",' >"$here/new.lua"
desk ' holidays = { ["2026-03-25"] = "Founders Day" },' >"$here/kept.lua"
cat >"$here/events.jsonl" <<'END'
{"case":"T-1","event":"customer.message","at":"2026-03-23T09:00:00Z","by":"customer"}
{"case":"T-2","event":"customer.message","at":"2026-03-24T10:00:00Z","by":"customer"}
{"case":"T-3","event":"customer.message","at":"2026-03-24T11:00:00Z","by":"customer"}
{"case":"T-3","event":"agent.message","at":"2026-03-24T11:30:00Z","by":"agent"}
END
expect 0 "$aplomb" run "$here/desk.lua" --events "$here/events.jsonl" --journal "$here/cases.journal" --store "$here/cases.db" --summary none

expect 1 "$aplomb" calendar impact "$here/new.lua" --store "$here/cases.db" --at 2026-03-24T12:00:00Z
err_is_empty
sed 's/version [0-9a-f]*:/version …:/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
calendar support  Europe/London, version …: deadlines that stand are recomputed

T-1  timer after.ours.1
  from Wed 25 March 2026 09:00 (+00:00) to Thu 26 March 2026 09:00 (+00:00), 1 d later
T-2  clock resolve
  from Wed 25 March 2026 09:00 (+00:00) to Thu 26 March 2026 09:00 (+00:00), 1 d later
T-2  timer after.ours.1
  from Thu 26 March 2026 10:00 (+00:00) to Fri 27 March 2026 10:00 (+00:00), 1 d later

3 open cases, 5 of their clocks and timers of this calendar: 3 move, 3 later
1 breached already, and stay so: what was counted stays
1 without a deadline now
END

# Kept: nothing moves, and it is told what would.
expect 0 "$aplomb" calendar impact "$here/kept.lua" --store "$here/cases.db" --at 2026-03-24T12:00:00Z --all
out_has '  breached, and stays so'
out_has '  kept at Wed 25 March 2026 09:00 (+00:00); recomputed it would be Thu 26 March 2026 09:00 (+00:00), 1 d later'
out_has 'does not run now, so no deadline stands'
out_has '3 would move if they were not kept, 3 later'
expect 1 "$aplomb" calendar impact "$here/kept.lua" --store "$here/cases.db" --at 2026-03-24T12:00:00Z --changes recompute
out_has '3 move, 3 later'
expect 0 "$aplomb" calendar impact "$here/desk.lua" --store "$here/cases.db" --at 2026-03-24T12:00:00Z
out_has ': 0 would move'

# The same from a journal, for programs; nothing is changed by looking.
cp "$here/cases.journal" "$here/before.journal"
expect 1 "$aplomb" calendar impact "$here/new.lua" --journal "$here/cases.journal" --playbook "$here/desk.lua" --json
err_is_empty
out_has '{"case":"T-2","calendar":"support","clock":"resolve","before":"2026-03-25T09:00:00Z","after":"2026-03-26T09:00:00Z","moves":true,"kept":false,"by_us":86400000000,"running":true,"breached":false,"elapsed_us":5400000000,"target_us":28800000000}'
out_has '"timer":"after.ours.1"'
out_has '"changes":"recompute","cases":3,"counted":5,"moved":3,"kept":0,"later":3,"earlier":0,"breached":1,"paused":1,"faulted":0,"without":0}'
cmp "$here/cases.journal" "$here/before.journal" || fail "the journal was changed"

# What cannot be asked is said.
expect 64 "$aplomb" calendar impact "$here/new.lua"
err_has 'which cases? Give --store with a store, or --journal with a journal'
expect 64 "$aplomb" calendar impact "$here/new.lua" --journal "$here/cases.journal"
err_has 'which playbook did the journal'
expect 64 "$aplomb" calendar impact "$here/new.lua" --store "$here/cases.db" --calendar suport
err_has 'the playbook has no calendar "suport"; did you mean "support"?'
expect 66 "$aplomb" calendar impact "$here/new.lua" --store "$here/none.db"
expect 2 "$aplomb" calendar impact "$here/new.lua" --journal "$here/cases.journal" --playbook "$here/new.lua"
err_has 'something else comes out'
expect 0 "$aplomb" calendar impact --help
out_has 'aplomb calendar impact'

done_testing
