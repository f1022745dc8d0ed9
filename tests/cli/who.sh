#!/bin/sh
# SPDX-License-Identifier: MIT
# Who is on duty, and when nobody is; a case that asks replays the same answer.
. "$(dirname "$0")/lib.sh"

cat >"$here/desk.lua" <<'END'
return playbook "desk" {
	rota "first-line" {
		zone = "Europe/London",
		turns = { "Ada", "Bob" }, begins = "2026-10-19", handover = "mon 09:00",
		overrides = { { who = "Cleo", from = "2026-10-24 10:00", to = "2026-10-25 18:00" } },
	},
	rota "office" {
		zone = "Europe/London",
		turns = { "Dee" }, begins = "2026-10-01", handover = "00:00", hours = { ["mon-fri"] = "09:00-17:00" },
	},
	effect "page" { to = text {} },
	event "ask" {},
	state "s" { on "ask" { act = function(case) case:effect("page", { to = case:on_duty("first-line") or "nobody" }) end } },
}
END

expect 0 "$aplomb" who "$here/desk.lua" --at 2026-10-24T12:00:00Z --rota first-line
err_is_empty
sed 's/version [0-9a-f]*/version …/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
first-line  Europe/London, version …
  Sat 24 Oct 2026 10:00 (+01:00)  Cleo  until Sun 25 Oct 2026 18:00 (+00:00), override
END

expect 0 "$aplomb" who "$here/desk.lua" --at 2026-10-24T00:00:00Z --for 3d --rota first-line
out_has '  Mon 19 Oct 2026 09:00 (+01:00)  Ada  until Sat 24 Oct 2026 10:00 (+01:00), turns'
out_has '  Mon 26 Oct 2026 09:00 (+00:00)  Bob  until Mon  2 Nov 2026 09:00 (+00:00), turns'
out_has '  somebody is always there'

# Nobody is there at night and at weekends: that is worth a look.
expect 1 "$aplomb" who "$here/desk.lua" --at 2026-10-26T00:00:00Z --for 1w
out_has 'office  Europe/London'
out_has '  nobody is there 6 times, 5 d 8 h in all'
expect 1 "$aplomb" who "$here/desk.lua" --at 2026-10-25T12:00:00Z
expect 0 "$aplomb" who "$here/desk.lua" --at 2026-10-26T00:00:00Z --for 1y --rota first-line
out_has '  somebody is always there'

expect 1 "$aplomb" who "$here/desk.lua" --at 2026-10-24T12:00:00Z --format json
out_is <<'END'
{"rota":"first-line","from":"2026-10-24T09:00:00Z","until":"2026-10-25T18:00:00Z","who":"Cleo","source":"override"}
{"rota":"office","from":"2026-10-23T16:00:00Z","until":"2026-10-26T09:00:00Z","who":null,"source":null}
END

# What a case was told is what a replay is told.
printf '%s\n' '{"event":"ask","case":"1","playbook":"desk","at":"2026-10-24T12:00:00Z"}' \
	'{"event":"ask","case":"1","playbook":"desk","at":"2026-10-26T12:00:00Z"}' >"$here/events.jsonl"
expect 0 "$aplomb" run "$here/desk.lua" --events "$here/events.jsonl" --journal "$here/journal.jsonl"
grep -c '"to":"Cleo"\|"to":"Bob"' "$here/journal.jsonl" >"$here/out"
out_has 2
expect 0 "$aplomb" replay --verify "$here/journal.jsonl" --playbook "$here/desk.lua"

# A text that asks, too; and why says who it was.
cat >"$here/text.lua" <<'END'
return playbook "desk" {
	rota "first-line" { zone = "Europe/London", turns = { "Ada", "Bob" }, begins = "2026-10-19", handover = "mon 09:00" },
	rota "office" {
		zone = "Europe/London",
		turns = { "Dee" }, begins = "2026-10-01", handover = "00:00", hours = { ["mon-fri"] = "09:00-17:00" },
	},
	effect "page" { to = text {} },
	event "ask" {},
	state "s" {
		on "ask" {
			{ when = "nobody_on_duty('office')", act = function(case) case:effect("page", { to = "desk" }) end },
			{ when = "on_duty('first-line') == 'Bob'", to = "t" },
		},
	},
	final "t" {},
}
END
expect 0 "$aplomb" run "$here/text.lua" --events "$here/events.jsonl" --journal "$here/text.journal"
grep -c '"to":"desk"\|"to":\["t"\]' "$here/text.journal" >"$here/out"
out_has 2
expect 0 "$aplomb" replay --verify "$here/text.journal" --playbook "$here/text.lua"
printf 'open {}\nwhy not t\n' >"$here/why.aplomb"
expect 0 "$aplomb" repl "$here/text.lua" --script "$here/why.aplomb"
out_has "is unknown, for on_duty('first-line') is missing"

# Who would be asked, what is said of each step that asks nobody, and the same for programs.
sed 's/^	effect "page"/	callout "on-call" { repeat_from = 2, steps = {\
		{ rota = "office", if_nobody = "wait", answer_in = "10m" },\
		{ rota = "first-line", if_nobody = "fallback", fallback = "manager", answer_in = "1h" } } },\
&/' "$here/desk.lua" >"$here/plan.lua"
expect 0 "$aplomb" who "$here/plan.lua" --at 2026-10-23T15:55:00Z --callout on-call
out_is <<'END'
on-call  who is asked, and who then if they do not answer
  step 1  whoever has office, 10m; nobody there: it waits
  step 2  whoever has first-line, 1h; nobody there: manager
  Fri 23 Oct 2026 16:55 (+01:00)  at once     step 1          Dee
  Fri 23 Oct 2026 17:05 (+01:00)  10 min      step 2          Ada
  Fri 23 Oct 2026 18:05 (+01:00)  1 h 10 min  step 2 again    Ada
  Fri 23 Oct 2026 19:05 (+01:00)  2 h 10 min  nobody is left who could be asked
END
expect 1 "$aplomb" who "$here/plan.lua" --at 2026-10-24T00:00:00Z --callout on-call --for 1d
out_has '  Sat 24 Oct 2026 01:00 (+01:00)  at once     step 1          waits: office has nobody until Mon 26 Oct 2026 09:00 (+00:00)'
out_has '  step 1  office has nobody 1 time, 1 d in all'
out_has '  step 1  asks nobody in that time: it waits for somebody in office longer than that'
out_has '  step 2  asks nobody in that time: no step before it ever leads there'
expect 1 "$aplomb" who "$here/plan.lua" --at 2026-10-24T00:00:00Z --callout on-call --for 1d --format json
out_has '"what":"waits","step":1,"round":0,"attempt":1,"at":"2026-10-24T00:00:00Z","until":"2026-10-26T09:00:00Z","who":null,"rota":"office","source":null,"fallback":false}'
out_has '{"callout":"on-call","what":"hole","step":1,"rota":"office","from":"2026-10-24T00:00:00Z","until":"2026-10-25T00:00:00Z"}'
out_has '{"callout":"on-call","what":"unreached","step":2,"come_to":false,"closed":false,"empty":false,"waits_on":false}'
expect 64 "$aplomb" who "$here/plan.lua" --callout oncall
err_has 'the playbook has no callout "oncall"; did you mean "on-call"?'

# What cannot be done is said.
expect 64 "$aplomb" who "$here/desk.lua" --rota frist-line
err_has 'the playbook has no rota "frist-line"; did you mean "first-line"?'
expect 64 "$aplomb" who "$here/desk.lua" --for year
err_has '--for is a number and y, w, d or h, such as 1y'
printf 'return playbook "p" { state "s" {} }\n' >"$here/none.lua"
expect 2 "$aplomb" who "$here/none.lua"
err_has 'the playbook declares no rota, and no callout'
sed 's/on_duty("first-line")/on_duty("firstline")/' "$here/desk.lua" >"$here/wrong.lua"
expect 2 "$aplomb" check "$here/wrong.lua"
out_has 'case:on_duty: there is no rota "firstline"; did you mean "first-line"? [unknown-rota]'

done_testing
