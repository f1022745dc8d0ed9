#!/bin/sh
# SPDX-License-Identifier: MIT
# Looking into a store, beside a runtime and alone, and mending cases in one.
. "$(dirname "$0")/lib.sh"

cat >"$here/parcel.lua" <<'END'
return playbook "parcel" {
	data = { name = text { personal = true }, tries = integer { default = 0 }, found = boolean { default = false } },
	effect "say" { text = text {} },
	event "asks" { name = text {} }, event "spin" {}, event "park" {}, event "go" {}, event "bye" {},
	clock "answer" { target = "2h", runs_in = { "waiting" } },
	initial = "new",
	state "new" { on "asks" { to = "waiting", act = { "data.name = event.name; data.tries = data.tries + 1",
		function(case) case:effect("say", { text = "We look." }) end } } },
	state "waiting" {
		after "10m" { to = "late" },
		on "park" { to = "parked" },
		on "spin" { act = function(case) while case.data.tries > 0 do end end },
	},
	state "late" { rests = "whoever asked comes again", on "bye" { to = "served" } },
	state "parked" { rests = "somebody finds it", on "go" { to = "late", when = "data.found" } },
	final "served" { outcome = "served" },
}
END
line() { printf '{"case":"%s","playbook":"parcel","event":"%s","at":"2026-03-31T09:0%s:00Z","by":"customer","data":%s}\n' "$1" "$2" "$3" "${4:-"{}"}"; }
{
	line order-1 asks 0 '{"name":"Ada"}'
	line order-2 asks 1 '{"name":"Bob"}'
	line order-2 park 2
	line order-3 asks 3 '{"name":"Cleo"}'
	line order-3 spin 4
	line order-4 asks 4 '{"name":"Dee"}'
} >"$here/events"
store=$here/cases.db
at='--at 2026-03-31T09:06:00Z'
expect 1 "$aplomb" run "$here/parcel.lua" --events "$here/events" --store "$store" --summary none

# ---- looking ---------------------------------------------------------------------
# shellcheck disable=SC2086 # $at is two words
{
	expect 0 "$aplomb" case list "$store" $at
	out_is <<'END'
4 cases: 3 open, 0 closed, 1 faulted

  case     opened      entries  next        where it is
  order-1  2026-03-31        2  in 4m       waiting
  order-2  2026-03-31        3  -           parked
  order-3  2026-03-31        3  -           FAULTED waiting
  order-4  2026-03-31        2  in 8m       waiting
END
	err_is_empty
	expect 0 "$aplomb" case list "$store" $at --status faulted
	out_has order-3
	out_lacks order-1
	expect 0 "$aplomb" case list "$store" $at --state parked
	out_has order-2
	out_lacks order-1
	expect 0 "$aplomb" case list "$store" $at --stuck
	out_has order-2
	out_has order-3
	out_lacks order-1
	expect 0 "$aplomb" case list "$store" $at --state nowhere
	out_has 'none of them is what was asked for'
	expect 64 "$aplomb" case list "$store" $at --playbook parcle
	err_has 'no case in '
	err_has 'did you mean "parcel"?'
	expect 0 "$aplomb" case list "$store" $at --json --status closed
	out_is_empty
	expect 0 "$aplomb" case list "$store" $at --json --state parked
	sed 's/"hash":"[0-9a-f]*"/"hash":"…"/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
	out_is <<'END'
{"case":"order-2","status":"open","playbook":"parcel","version":null,"hash":"…","subject":null,"opened_at":"2026-03-31T09:01:00Z","at":"2026-03-31T09:02:00Z","entries":3,"due_at":null,"outcome":null,"parent":null,"states":["parked"]}
END

	expect 0 "$aplomb" case due "$store" $at
	out_is <<'END'
2 cases with something due

  in 4m       09:10:00             order-1  waiting
  in 8m       09:14:00             order-4  waiting
END
	expect 0 "$aplomb" case due "$store" $at --within 5m
	out_has '1 case with something due within 5m'
	out_lacks order-4
	expect 1 "$aplomb" case due "$store" --at 2026-03-31T09:12:00Z
	out_has '2 cases with something due, 1 overdue'
	out_has '  2m ago  '
	expect 64 "$aplomb" case due "$store" --within soon
	err_has '--within:'

	expect 1 "$aplomb" case stuck "$store" $at
	out_has '2 cases are stuck'
	out_has 'no timer is armed, and no event that can come would move it'
	out_has 'faulted at entry 3, over spin by customer: more than'
	out_is_within 80
	expect 0 "$aplomb" case stuck "$store" $at --playbook other
	out_has 'no case is stuck'

	expect 0 "$aplomb" case show "$store" order-1 $at
	sed 's/([0-9a-f]*)$/(…)/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
	out_is <<'END'
order-1  playbook parcel (…)
          where      waiting
          opened     09:00:00, 6m ago
          newest     entry 2, 09:00:00, 6m ago
          due        09:10:00, in 4m: waiting
          due        11:00:00, in 1h 54m: clock.answer.breached
          clock      answer runs: 6m of 2h, 1h54m left, until 11:00:00
          data       found: false
          data       name: [personal]
          data       tries: 1
END
	expect 0 "$aplomb" case show "$store" order-1 $at --personal
	out_has 'name: Ada'
	expect 0 "$aplomb" case show "$store" order-3 $at
	out_has 'FAULTED    more than 1000000 instructions in one step'
	out_lacks Cleo
	expect 0 "$aplomb" case show "$store" order-2 $at
	out_has 'STUCK '
	expect 0 "$aplomb" case show "$store" order-3 $at --json
	out_has '"fault":{"entry":3,"slug":"limit-instructions"'
	out_has '"data":{"found":false,"name":"[personal]","tries":1}'
	out_has '"stuck":true'
	expect 66 "$aplomb" case show "$store" order-33 $at
	err_has 'there is no case "order-33" in '
	err_has 'did you mean "order-3"?'
}
expect 0 "$aplomb" case journal "$store" order-2
out_has '09:02:00  customer   park'
out_has '          due        09:11:00, in 10m: waiting'
expect 0 "$aplomb" case journal "$store" order-2 --last 1
out_has '09:02:00  customer   park'
out_lacks 'asks'
out_lacks ' due '
expect 0 "$aplomb" case journal "$store" order-2 --from 2 --json
grep -c . "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
2
END
expect 64 "$aplomb" case journal "$store" order-2 --from 4
err_has 'has 3 entries, and none is numbered 4'
expect 64 "$aplomb" case journal "$store" order-2 --from 1 --last 1
err_has 'give one'
# All of it is a journal like any other.
expect 0 "$aplomb" case journal "$store" order-2 --json
mv "$here/out" "$here/journal"
expect 0 "$aplomb" replay "$here/journal" --verify --playbook "$here/parcel.lua"

# ---- more than it was allowed ---------------------------------------------------------
cat >"$here/count.lua" <<'END'
return playbook "count" {
	data = { n = integer { default = 0 } },
	event "go" { n = integer { default = 0 } },
	state "s" {
		on "go" {
			act = function(case, event)
				for i = 1, event.n do case.data.n = i end
			end,
		},
	},
}
END
for n in 1 2000 3; do echo "{\"case\":\"a\",\"event\":\"go\",\"data\":{\"n\":$n},\"at\":\"2026-03-31T09:0$((n % 7)):00Z\"}"; done >"$here/go.jsonl"
expect 1 "$aplomb" run "$here/count.lua" --events "$here/go.jsonl" --store "$here/count.db" --limit-instructions 5000
# Whoever runs with other limits has the case all the same; it is faulted still.
expect 1 "$aplomb" run "$here/count.lua" --events "$here/go.jsonl" --store "$here/count.db"
expect 1 "$aplomb" case resume "$here/count.db" a --because "a large order" --limit-instructions 6000
out_has 'was faulted again'
out_has 'more than 6000 instructions in one step'
expect 0 "$aplomb" case resume "$here/count.db" a --because "a large order" --limit-instructions 1M
out_has 'a goes on'
expect 0 "$aplomb" case show "$here/count.db" a
out_has 'n: 2000'
expect 0 "$aplomb" store verify "$here/count.db"
out_has 'nothing is damaged'
expect 0 "$aplomb" case journal "$here/count.db" a --json
mv "$here/out" "$here/journal"
expect 0 "$aplomb" replay "$here/journal" --verify --playbook "$here/count.lua"

# ---- what is no store ---------------------------------------------------------------
expect 66 "$aplomb" case list "$here/none.db"
err_has 'there is no file '
expect 66 "$aplomb" case resume "$here/none.db" order-1 --because x
seq 1 10000 >"$here/text.db"
expect 2 "$aplomb" case list "$here/text.db"
err_has '[store-damaged]'
: >"$here/empty.db"
expect 2 "$aplomb" case close "$here/empty.db" order-1 --because x
err_has '[store-foreign]'
[ -s "$here/empty.db" ] && fail "an empty file was made a store"
for made in none.db none.db-owner text.db-owner empty.db-owner; do [ ! -e "$here/$made" ] || fail "$made was made"; done

# ---- the command line -----------------------------------------------------------------
expect 64 "$aplomb" case
err_has 'what is to be done? One of: list show'
expect 64 "$aplomb" case shwo "$store" order-1
err_has 'did you mean "show"?'
expect 64 "$aplomb" case show "$store"
err_has 'it is used so: aplomb case show STORE CASE'
expect 0 "$aplomb" help case
out_has 'aplomb help case ACT'
for act in list show journal due stuck resume skip set close; do
	expect 0 "$aplomb" case $act --help
	out_is_within 80
	mv "$here/out" "$here/help"
	expect 0 "$aplomb" help case $act
	cmp -s "$here/out" "$here/help" || fail "case $act --help and help case $act differ"
done

# ---- mending ------------------------------------------------------------------------------
at='2026-03-31T09:06:00Z'
expect 64 "$aplomb" case skip "$store" order-3
err_has 'say why with --because'
expect 64 "$aplomb" case skip "$store" order-1 --because 'a try' --at $at
err_has '[not-faulted]; nothing has changed'
expect 64 "$aplomb" case set "$store" order-3 tires=0 --because 'a try' --at $at
err_has 'did you mean "tries"?'
expect 64 "$aplomb" case set "$store" order-3 tries --because 'a try' --at $at
err_has 'write NAME=VALUE'
expect 64 "$aplomb" case set "$store" order-3 tries=many --because 'a try' --at $at
expect 1 "$aplomb" case resume "$store" order-3 --because 'hope' --at $at
out_has 'order-3 was faulted again, entry 5'
expect 64 "$aplomb" case set "$store" order-3 name=12 --because 'a number is no text' --at $at
expect 0 "$aplomb" case set "$store" order-3 tries=0 'name="12"' found=true --because 'counted twice' --by agent:17 --at $at
out_has 'order-3 has other data, and is faulted still'
expect 0 "$aplomb" case set "$store" order-3 '{"name":"Cleo"}' --because 'she is no number' --by agent:17 --at $at
expect 0 "$aplomb" case show "$store" order-3 --personal --at $at
out_has 'name: Cleo'
out_has 'tries: 0'
expect 0 "$aplomb" case resume "$store" order-3 --because 'its data are right' --by agent:17 --at $at
out_has 'order-3 goes on'
expect 0 "$aplomb" case journal "$store" order-3
out_has 'agent:17   goes on after the fault: its data are right'
expect 0 "$aplomb" case journal "$store" order-3 --json
mv "$here/out" "$here/journal"
expect 0 "$aplomb" replay "$here/journal" --verify --playbook "$here/parcel.lua"

# ---- beside a runtime ------------------------------------------------------------------------
# It takes its events from a pipe that stays open, so it has the store until that is closed.
mkfifo "$here/pipe"
"$aplomb" run "$here/parcel.lua" --events "$here/pipe" --store "$here/live.db" --summary none 2>"$here/run" &
runs=$!
exec 3>"$here/pipe"
awk 'BEGIN { for (i = 1; i <= 3000; i++)
	printf "{\"case\":\"live-%d\",\"playbook\":\"parcel\",\"event\":\"asks\",\"at\":\"2026-03-31T09:00:00Z\",\"data\":{\"name\":\"Eve\"}}\n", i }' >&3
waited=0
until "$aplomb" case show "$here/live.db" live-100 >"$here/out" 2>&1; do
	waited=$((waited + 1))
	[ $waited -lt 200 ] || { fail "nobody wrote live-100"; break; }
	sleep 0.1
done
expect 0 "$aplomb" case list "$here/live.db" --at 2026-03-31T09:06:00Z
out_has 'live-1 '
out_has ' more: --all lists them'
expect 0 "$aplomb" case due "$here/live.db" --within 10m --at 2026-03-31T09:06:00Z
expect 75 "$aplomb" run "$here/parcel.lua" --events "$here/events" --store "$here/live.db" --summary none
expect 75 "$aplomb" case close "$here/live.db" live-1 --because 'a try'
err_has '[store-in-use]'
err_has 'aplomb_case_mend'
exec 3>&-
wait $runs || [ $? -le 1 ] || fail "the run ended with another status"
expect 0 "$aplomb" case list "$here/live.db" --all --at 2026-03-31T09:06:00Z
out_has '3,000 cases: 3,000 open, 0 closed'
out_has 'live-3000 '

done_testing
