#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb journal`: lists, filters, damage.
. "$(dirname "$0")/lib.sh"

cat examples/conversations/*.jsonl >"$here/events"
journal=$here/journal
expect 0 "$aplomb" run "$upset" --events "$here/events" --drain --journal "$journal" --summary none
lines=$(wc -l <"$journal")

# Many cases: a list.
expect 0 "$aplomb" journal "$journal"
out_has "3 cases in $lines lines: 0 open, 3 closed"
out_has 'order-1042'
out_has 'resolved'
out_is_within 80
input=$journal
expect 0 "$aplomb" journal -
out_has "3 cases in $lines lines"
input=/dev/null

# One of them.
expect 0 "$aplomb" journal "$journal" --case order-1042
out_has 'She loves it'
out_lacks 'order-2077'
expect 1 "$aplomb" journal "$journal" --case order-1024
err_has 'there is no case "order-1024" in'
err_has 'did you mean "order-1042"?'

# Filters.
expect 0 "$aplomb" journal "$journal" --all
out_has 'order-2077'
out_has 'order-3310'
expect 0 "$aplomb" journal "$journal" --effects --case order-1042
out_has 'wants      carry-out'
out_lacks 'moves'
expect 0 "$aplomb" journal "$journal" --kind timer
out_has 'passed in'
out_lacks 'agent:mira'
expect 0 "$aplomb" journal "$journal" --case order-1042 --since 2026-03-04T00:00:00Z
out_lacks 'Monday 2 March'
out_has 'Wednesday 4 March 2026'
expect 0 "$aplomb" journal "$journal" --case order-1042 --until 2026-03-02T23:00:00Z
out_lacks 'Wednesday 4 March'
expect 1 "$aplomb" journal "$journal" --since 2030-01-01T00:00:00Z
err_has 'no entry of'
expect 0 "$aplomb" journal "$journal" --json --kind timer
[ "$(grep -c '"kind":"timer"' "$here/out")" -eq "$(grep -c '"kind":"timer"' "$journal")" ] || fail "not all timers"
expect 0 "$aplomb" journal "$journal" --json --all
cmp -s "$here/out" "$journal" || fail "the lines are not as they stand in the file"

# A list of very many says how to see more.
awk 'BEGIN { for (i = 1; i <= 25; i++) printf "{\"case\":\"c%02d\",\"event\":\"customer.message\",\"at\":\"2026-03-31T09:00:00Z\",\"data\":{\"text\":\"x\"}}\n", i }' >"$here/many"
expect 0 "$aplomb" run examples/late.lua --events "$here/many" --journal "$here/many.journal" --summary none
expect 0 "$aplomb" journal "$here/many.journal"
out_has 'and 5 more: --list lists them'
out_lacks 'c25'
expect 0 "$aplomb" journal "$here/many.journal" --list
out_has 'c25'

# ---- damage ----------------------------------------------------------------
damaged() { # how, line, slug
	expect 2 "$aplomb" journal "$here/damaged"
	grep -qE "damaged:$2(:[0-9]+)?: .*\[$3\]" "$here/err" || fail "$1 was not told as $3 in line $2"
	err_has 'is damaged'
}
sed '3s/twice/thrice/' "$journal" >"$here/damaged"
grep -q thrice "$here/damaged" || fail "the test changes nothing"
damaged 'a changed word' 4 journal-chain
sed 3d "$journal" >"$here/damaged"
damaged 'a lost line' 3 journal-seq
sed 3p "$journal" >"$here/damaged"
damaged 'a repeated line' 4 journal-seq
sed 1d "$journal" >"$here/damaged"
damaged 'a lost head' 1 journal-headless
sed '5s/.*/{"v":1}/' "$journal" >"$here/damaged"
damaged 'a foreign line' 5 journal-shape
sed '5s/}$//' "$journal" >"$here/damaged"
damaged 'a broken line' 5 json-syntax
sed '1s/"v":1/"v":9/' "$journal" >"$here/damaged"
damaged 'a line of the future' 1 journal-version
head -c "$(($(wc -c <"$journal") - 20))" "$journal" >"$here/damaged"
damaged 'a torn end' "$lines" json-syntax
err_has '[journal-cut]'
# Damage is told whatever is shown.
sed '3s/twice/thrice/' "$journal" >"$here/damaged"
expect 2 "$aplomb" journal "$here/damaged" --kind timer
err_has '[journal-chain]'
out_has 'passed in'

expect 2 "$aplomb" journal "$upset"
err_has 'is no journal: none of its first lines is an entry'
: >"$here/empty"
expect 1 "$aplomb" journal "$here/empty"
err_has 'it is empty'
expect 66 "$aplomb" journal "$here/nowhere"
err_has 'cannot read'
expect 64 "$aplomb" journal

done_testing
