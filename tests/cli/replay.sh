#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb replay`: what is the same, what differs and what from, what is shown.
# The causes of differences one by one: tests/unit/api/test_verify.c.
. "$(dirname "$0")/lib.sh"

cat examples/conversations/*.jsonl >"$here/events"
journal=$here/journal
expect 0 "$aplomb" run "$upset" --events "$here/events" --drain --journal "$journal" --summary none
lines=$(wc -l <"$journal")

# ---- the same ----------------------------------------------------------------
expect 0 "$aplomb" replay "$journal" --verify --playbook "$upset"
out_has "3 cases, $lines lines: a replay gives every byte again"
err_is_empty
input=$journal
expect 0 "$aplomb" replay - --verify --playbook "$upset"
out_has "3 cases, $lines lines"
input=/dev/null
expect 0 "$aplomb" replay "$journal" --verify --playbook "$upset" --case order-1042
out_has '1 case, '
expect 0 "$aplomb" replay "$journal" --verify --playbook "$upset" --json
out_has "{\"journal\":\"$journal\",\"same\":true,\"cases\":3,"
# The playbook of the current folder.
cp "$upset" "$here/playbook.lua"
command=$(cd "$(dirname "$aplomb")" && pwd)/$(basename "$aplomb")
(cd "$here" && "$command" replay journal --verify) >"$here/said" 2>&1
[ $? -eq 1 ] || fail 'a file of another name is another version'
grep -qF 'every entry again' "$here/said" || fail 'where transitions stand does not count in another version'

# ---- differences -------------------------------------------------------------
replayed() { # status, what follows
	wanted=$1
	shift
	expect "$wanted" "$aplomb" replay "$here/changed" --verify "$@"
}
sed '3s/twice/thrice/' "$journal" >"$here/changed"
cmp -s "$here/changed" "$journal" && fail 'the test changes nothing'
replayed 2 --playbook "$upset"
err_has 'changed:4: '
err_has '[journal-chain]'
out_has 'the journal: line 3 was changed after it was written'
out_has 'the same   engine, playbook, params, tzdata, limits'
out_is_within 80

sed 's/I can see why/I see why/' "$upset" >"$here/upset_customer.lua"
cp "$journal" "$here/changed"
replayed 2 --playbook "$here/upset_customer.lua"
err_has 'entry 2 of case "order-2077" comes out otherwise [replay-differs]'
out_has 'effect: data.text'
out_has 'recorded   "I can see why'
out_has 'produced   "I see why'
out_has 'another version: the'
out_has 'comes from the playbook'
# The case it happens to is not the only one: another is as it was.
replayed 1 --playbook "$here/upset_customer.lua" --case order-1042
out_has 'a replay gives every entry again'
out_has 'All cases stand on something else here, and nothing came of it'
replayed 2 --playbook "$here/upset_customer.lua" --json
out_has '"difference":{"how":"line"'
out_has '"member":"items['
out_has '"playbook":{"same":false'

# Another engine is no difference, and no reason to look.
lua=$(command -v lua5.4 || command -v lua)
if [ -n "$lua" ]; then
	head -1 "$journal" | sed 's/"engine":"[^"]*"/"engine":"0.0.1"/' >"$here/changed"
	replayed 0 --playbook "$upset"
	out_has 'the journal'"'"'s is "0.0.1"'
fi

# ---- damage ---------------------------------------------------------------------
sed 4d "$journal" >"$here/changed"
replayed 2 --playbook "$upset"
err_has 'changed:4: '
err_has 'entry 3 is missing before entry 4, or stands elsewhere [journal-seq]'
head -c "$(($(wc -c <"$journal") - 20))" "$journal" >"$here/changed"
replayed 2 --playbook "$upset"
err_has "changed:$lines: "
err_has '[json-syntax]'
err_has '[journal-cut]'
head -c "$(($(wc -c <"$journal") - 1))" "$journal" >"$here/changed"
replayed 2 --playbook "$upset"
out_has 'a replay gives every byte again'
err_has '[journal-cut]'
sed '2s/"v":1}/"v":2}/' "$journal" >"$here/changed"
replayed 2 --playbook "$upset"
err_has 'this journal has format 2; this library reads up to 1: use a newer one [journal-version]'

# A case whose last lines are lost shows it when something was due in it before others went on.
awk 'BEGIN { print "{\"case\":\"a\",\"event\":\"customer.message\",\"at\":\"2026-03-31T09:00:00Z\",\"data\":{\"text\":\"x\"}}"
	print "{\"case\":\"b\",\"event\":\"customer.message\",\"at\":\"2026-03-31T19:00:00Z\",\"data\":{\"text\":\"x\"}}" }' >"$here/two"
expect 0 "$aplomb" run examples/late.lua --events "$here/two" --journal "$here/two.journal" --summary none
expect 0 "$aplomb" replay "$here/two.journal" --verify --playbook examples/late.lua
grep -v '"kind":"timer"' "$here/two.journal" >"$here/changed"
replayed 1 --playbook examples/late.lua
err_has 'one case ends before the journal'"'"'s end: after entry'
err_has '[journal-unfinished]'

# ---- without --verify ---------------------------------------------------------------
expect 0 "$aplomb" replay "$journal" --playbook "$upset" --case order-1042
out_has 'She loves it'
out_has 'lines came out as they are recorded'
expect 0 "$aplomb" replay "$journal" --playbook "$upset" --json
cmp -s "$here/out" "$journal" || fail 'the lines are not those of the journal'
expect 1 "$aplomb" replay "$journal" --playbook "$here/upset_customer.lua"
out_has 'order-2077 parts from what was recorded in line 3, at entry 2:'
out_lacks 'order-1042 parts'
expect 1 "$aplomb" replay "$journal" --playbook "$here/upset_customer.lua" --case order-2077
out_has 'recorded   line 3 has in item 2: data.text'
# A case that cannot go on stops there; the others go on.
sed 's/after "1h"/after "59m"/' "$upset" >"$here/upset_customer.lua"
cmp -s "$here/upset_customer.lua" "$upset" && fail 'the test changes nothing'
expect 1 "$aplomb" replay "$journal" --playbook "$here/upset_customer.lua"
out_has 'parts from what was recorded'

# ---- what cannot be done ---------------------------------------------------------------
expect 64 "$aplomb" replay "$journal" --verify --playbook examples/late.lua
err_has '[unknown-playbook]'
expect 64 "$aplomb" replay "$journal" --verify
err_has 'which playbook did the cases run?'
expect 64 "$aplomb" replay "$journal" --verify --all --playbook "$upset"
expect 66 "$aplomb" replay "$here/nowhere" --verify --playbook "$upset"
expect 66 "$aplomb" replay "$journal" --verify --playbook "$here/nowhere.lua"
expect 1 "$aplomb" replay "$journal" --verify --playbook "$upset" --case nobody
err_has 'there is no case "nobody"'
: >"$here/empty"
expect 1 "$aplomb" replay "$here/empty" --verify --playbook "$upset"
err_has 'it is empty'
expect 2 "$aplomb" replay "$upset" --verify --playbook "$upset"
err_has '[json-syntax]'
expect 64 "$aplomb" replay

done_testing
