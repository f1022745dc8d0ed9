#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb run --store`: cases are there again, and whoever runs in one piece and in many writes the same.
. "$(dirname "$0")/lib.sh"
incident=playbooks/it-incident/playbook.lua
events=tests/incidents/sample.events.jsonl
late=examples/late.lua
says() { printf '{"case":"%s","event":"customer.message","at":"%s","data":{"text":"Hello"}}\n' "$1" "$2"; }
# What a run came to, but for what depends on the machine.
facts() { tr ',' '\n' <"$here/out" | grep -v -e microseconds -e peak_kib; }

# The same totals and the same journal with a store and without, however few cases are in memory.
expect 1 "$aplomb" run $incident --events $events --drain --journal "$here/memory" --summary json
facts >"$here/facts"
for resident in 1 100000; do
	rm -f "$here"/cases.db*
	expect 1 "$aplomb" run $incident --events $events --drain --journal "$here/store" --overwrite --summary json \
		--store "$here/cases.db" --resident $resident
	facts | diff "$here/facts" - || fail "the totals with a store and $resident cases in memory are others"
	LC_ALL=C sort "$here/memory" >"$here/one"
	LC_ALL=C sort "$here/store" | diff "$here/one" - >"$here/diff" || fail "the journal with a store is another"
done

# A run for each event goes on where the one before stopped.
rm -f "$here"/cases.db* "$here/all"
while read -r line; do
	printf '%s\n' "$line" >"$here/event"
	status=0
	"$aplomb" run $incident --events "$here/event" --journal "$here/part" --overwrite --summary none --store "$here/cases.db" \
		--durability normal >"$here/out" 2>"$here/err" || status=$?
	[ "$status" -le 1 ] || fail "a run of one event ended with status $status"
	cat "$here/part" >>"$here/all"
done <$events
: >"$here/none"
expect 0 "$aplomb" run $incident --events "$here/none" --drain --journal "$here/part" --overwrite --summary none --store "$here/cases.db"
cat "$here/part" >>"$here/all"
LC_ALL=C sort "$here/all" | diff "$here/one" - >"$here/diff" || fail "the journal of many runs is another than that of one"

# An edited file changes nothing for a case that is open.
cp $late "$here/late.lua"
says c1 2026-03-31T09:00:00Z >"$here/first"
says c1 2026-03-31T09:01:00Z >"$here/second"
expect 0 "$aplomb" run "$here/late.lua" --events "$here/first" --store "$here/late.db" --journal "$here/j1" --summary none
sed 's/after(from "params.patience")/after("20m")/' $late >"$here/late.lua"
cmp -s $late "$here/late.lua" && fail "the edit did not change the file"
expect 0 "$aplomb" run "$here/late.lua" --events "$here/second" --drain --store "$here/late.db" --journal "$here/j2" --summary none
grep -qF '"at":"2026-03-31T09:10:00Z"' "$here/j2" || fail "the timer did not keep the deadline of the version that the case runs"

# Whoever writes the events while they are read hears of each soon, be the batch full or not.
{
	says c1 2026-03-31T09:00:00Z
	while [ ! -e "$here/go" ]; do sleep 0.05; done
	says c2 2026-03-31T09:01:00Z
} | "$aplomb" run $late --events - --store "$here/live.db" --journal "$here/live" --summary none >"$here/out" 2>"$here/err" &
for i in $(seq 200); do
	if grep -qs '"case":"c1"' "$here/live"; then break; fi
	sleep 0.1
done
grep -qs '"case":"c1"' "$here/live" || fail "an event from a pipe was kept waiting for others"
: >"$here/go"
wait
grep -qF '"case":"c2"' "$here/live" || fail "the second event from a pipe was not run"
expect 64 "$aplomb" run $late --events "$here/first" --batch 0
err_has "--batch is how many"
expect 64 "$aplomb" run $late --events "$here/first" --batch-ms 0
err_has "--batch-ms is how many"
# A smaller batch comes to the same.
expect 1 "$aplomb" run $incident --events $events --drain --journal "$here/small" --summary none --batch 3 --store "$here/small.db"
LC_ALL=C sort "$here/small" | diff "$here/one" - >"$here/diff" || fail "the journal of smaller batches is another"

# What is wrong with a store is said, and nothing is run.
expect 74 "$aplomb" run $late --events "$here/first" --store "$here/no/such/folder.db"
err_has '[store-io]'
seq 1 10000 >"$here/text.db"
expect 74 "$aplomb" run $late --events "$here/first" --store "$here/text.db"
err_has '[store-damaged]'

done_testing
