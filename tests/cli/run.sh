#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb run`: time, files, wrong lines, statuses.
. "$(dirname "$0")/lib.sh"
late=examples/late.lua
says() { printf '{"case":"%s","event":"customer.message","at":"%s","data":{"text":"Hello"}}\n' "$1" "$2"; }

says c1 2026-03-31T09:00:00Z >"$here/one"
expect 0 "$aplomb" run $late --events "$here/one"
out_has 'opened                                 1'
out_has 'still open                           1'
out_has '1 events in'
out_is_within 80
err_is_empty

# Time stops at the last event's; --until and --drain let it go on.
expect 0 "$aplomb" run $late --events "$here/one" --summary json
out_has '"timers":0,'
out_has '"until":"2026-03-31T09:00:00Z"'
expect 0 "$aplomb" run $late --events "$here/one" --summary json --until 2026-03-31T09:09:59Z
out_has '"timers":0,'
expect 0 "$aplomb" run $late --events "$here/one" --summary json --until 2026-03-31T09:10:00Z
out_has '"timers":1,'
out_has '"effects":{"suggest":1,"notify":1}'
expect 0 "$aplomb" run $late --events "$here/one" --summary json --drain
out_has '"timers":1,'
out_has '"until":"2026-03-31T09:10:00Z"'

# Timers fire between events.
{ says c1 2026-03-31T09:00:00Z; says c2 2026-03-31T10:00:00Z; } >"$here/two"
expect 0 "$aplomb" run $late --events "$here/two" --summary json
out_has '"timers":1,'
expect 0 "$aplomb" run $late --events "$here/two" --summary json --until 2026-03-31T09:30:00Z
out_has '"later_than_until":1'
out_has '"cases":1,'

# A timer that arms itself for ever does not drain for ever. (Its steps cost little; a million of them a moment.)
cat >"$here/forever.lua" <<-'END'
	return playbook "forever" { initial = "a", event "x" {},
	  state "a" { after "1s" { to = "b" } }, state "b" { on "x" { to = "a" }, after "1s" { to = "a" } } }
END
printf '{"case":"c","event":"x","at":"2026-03-31T09:00:00Z"}\n' >"$here/x"
expect 1 "$aplomb" run "$here/forever.lua" --events "$here/x" --drain --summary json
err_has 'stopped draining after 1,000,000 timers'
out_has '"stopped":"draining stopped after 1,000,000 timers'

# Standard input; empty lines and CR LF do not matter; nothing at all neither.
input=$here/two
expect 0 "$aplomb" run $late --events - --summary none
out_is_empty
{ printf '\r\n\n   \n'; sed 's/$/\r/' "$here/two"; } >"$here/crlf"
input=$here/crlf
expect 0 "$aplomb" run $late --events - --summary json
out_has '"lines":2,'
input=/dev/null
expect 0 "$aplomb" run $late --events - --summary json
out_has '"cases":0,'

# ---- wrong lines -----------------------------------------------------------
wrong() { # line, what is said
	{ says c1 2026-03-31T09:00:00Z; printf '%s\n' "$1"; says c2 2026-03-31T09:00:01Z; } >"$here/wrong"
	expect 65 "$aplomb" run $late --events "$here/wrong" --summary json
	err_has "$here/wrong:2$2"
	out_has '"cases":1,'
	out_has '"stopped":"line 2 of '
	expect 1 "$aplomb" run $late --events "$here/wrong" --summary json --keep-going
	err_has "$here/wrong:2$2"
	out_has '"cases":2,'
	out_has '"wrong_lines":1,'
}
wrong '{"case":"c9","event":"customer.message"' ':40: '
wrong 'hello' ':1: expected a value'
wrong '[]' ': '
wrong '{"case":"c9"}' ': the envelope has no member "event" [missing-member]'
wrong '{"event":"customer.message"}' ': the envelope has no member "case" [missing-member]'
wrong '{"case":7,"event":"customer.message"}' ':3: case: expected a text [wrong-member]'
wrong '{"case":"","event":"customer.message"}' ': case: expected a text that is not empty [bad-id]'
wrong '{"case":"c9","event":"customer.message","at":"yesterday"}' ':'
wrong '{"case":"c9","event":"customer.message","dta":{}}' ':'
wrong '{"v":2,"case":"c9","event":"customer.message"}' ': this envelope has format 2'
wrong "$(printf '{"case":"\377"}')" ':'
err_has '[json-text]'
awk 'BEGIN { for (i = 0; i < 40; i++) print "wrong" }' >"$here/many"
expect 1 "$aplomb" run $late --events "$here/many" --keep-going --summary json
out_has '"wrong_lines":40,'
err_has 'more lines are wrong; the summary counts them'
[ "$(wc -l <"$here/err")" -eq 21 ] || fail "20 lines were to be told, and that there are more"

# ---- refused events --------------------------------------------------------
{
	says c1 2026-03-31T09:00:00Z
	printf '{"case":"c1","event":"customer.mesage","at":"2026-03-31T09:00:01Z"}\n'
	printf '{"case":"c1","event":"customer.message","at":"2026-03-31T09:00:01Z","data":{"txt":1}}\n'
	printf '{"case":"c1","event":"parcel.delivered","at":"2026-03-31T09:00:02Z"}\n'
	says c1 2026-03-31T09:00:03Z
	printf '{"case":"c2","playbook":"early","event":"parcel.delivered","at":"2026-03-31T09:00:02Z"}\n'
} >"$here/refused"
expect 1 "$aplomb" run $late --events "$here/refused" --summary json
err_has "$here/refused:2: refused: event \"customer.mesage\" is not declared by playbook \"late\"; did you mean \"customer.message\"? [unknown-event]"
err_has "$here/refused:3: refused: "
err_has "$here/refused:5: refused: "
err_has "$here/refused:6: refused: "
out_has '"refused":4,'
out_has '"refusals":{"unknown-event":1,"unknown-field":1,"unknown-playbook":1,"case-closed":1}'
expect 1 "$aplomb" run $late --events "$here/refused"
out_has 'refused                              4'
out_has 'case-closed                        1'

# ---- findings and faults ---------------------------------------------------
cat >"$here/bad.lua" <<-'END'
	return playbook "bad" { initial = "a", event "x" {}, event "y" {},
	  state "a" {
	    on "x" { act = function(case) local t = nil; t.x = 1 end },
	    on "y" { act = function(case) while true do end end },
	  } }
END
printf '{"case":"c","event":"x","at":"2026-03-31T09:00:00Z"}\n{"case":"c","event":"y","at":"2026-03-31T09:00:00Z"}\n' >"$here/xy"
expect 1 "$aplomb" run "$here/bad.lua" --events "$here/xy" --summary json --limit-instructions 10k --log off
out_has '"faulted":1,'
out_has '"findings":{"error-execution":1'
err_is_empty
expect 1 "$aplomb" run "$here/bad.lua" --events "$here/xy" --transcript --limit-instructions 10k --log off
out_has 'FAULTED'
out_has '[error-execution]'
out_has "bad.lua:3"
expect 1 "$aplomb" run "$here/bad.lua" --events "$here/xy" --log warn --log-format json --summary none
err_has '"code":"error-execution"'
expect 1 "$aplomb" run "$here/bad.lua" --events "$here/xy" --log off --trace c --summary none
err_has 'TRACE'
# Through every guard, each at the time of its event and not of the newest one posted.
expect 0 "$aplomb" run examples/conversations/upset_customer.lua --events examples/conversations/insults.jsonl --log off --trace order-2077 --summary none
err_has '2026-03-02T14:00:00Z TRACE engine guard: work.respect.calm on customer.message (upset_customer.lua:'
err_has 'guard: work.conversation.talking.listening on customer.message (upset_customer.lua:'
err_has '): is_civil: false '
err_has '): is_abusive: true '

# ---- playbooks and files ---------------------------------------------------
expect 66 "$aplomb" run "$here/nowhere.lua" --events "$here/one"
err_has 'cannot read the playbook'
expect 66 "$aplomb" run $late --events "$here/nowhere"
err_has 'cannot read the events'
printf 'return playbook "x" { initial = "b", state "a" {} }\n' >"$here/wrong.lua"
expect 2 "$aplomb" run "$here/wrong.lua" --events "$here/one"
err_has 'error: '
out_is_empty

expect 0 "$aplomb" run $late --events "$here/two" --journal "$here/journal" --summary none
[ "$(wc -l <"$here/journal")" -eq 7 ] || fail "two heads, two openings, two events and a timer were to be in the journal"
cp "$here/journal" "$here/before"
expect 73 "$aplomb" run $late --events "$here/two" --journal "$here/journal"
err_has 'holds something already'
cmp -s "$here/journal" "$here/before" || fail "the journal was touched"
expect 0 "$aplomb" run $late --events "$here/two" --journal "$here/journal" --overwrite --summary none
cmp -s "$here/journal" "$here/before" || fail "the same events made another journal"
expect 73 "$aplomb" run $late --events "$here/two" --journal "$here/no/such/folder"
err_has 'cannot make'
expect 0 "$aplomb" run $late --events "$here/two" --journal -
cmp -s "$here/out" "$here/before" || fail "the journal on standard output is another"
err_has '2 events in'

done_testing
