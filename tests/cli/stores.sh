#!/bin/sh
# SPDX-License-Identifier: MIT
# A store as a whole: what it holds, whether it is sound, copies of it, and less of it.
. "$(dirname "$0")/lib.sh"

store=$here/cases.db
copy=$here/copy.db
late=examples/late.lua
for case in 1 2 3; do
	for minute in 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39; do
		printf '{"case":"order-%s","event":"customer.message","at":"2026-03-31T09:%s:00Z","data":{"text":"Hello?"}}\n' $case $minute
	done
done | sort -t: -k5 >"$here/events"
expect 0 "$aplomb" run $late --events "$here/events" --store "$store" --summary none
at='2026-03-31T09:40:00Z'
lines() { for case in 1 2 3; do "$aplomb" case journal "$1" order-$case --json; done; }

# ---- what it holds -----------------------------------------------------------------
expect 0 "$aplomb" store stats "$store" --at $at
err_is_empty
out_is_within 80
sed -e 's/([0-9a-f]\{12\})/(…)/' -e 's/[0-9.]* KiB/… KiB/' -e 's/  *…/ …/' -e 's/^.*cases.db/cases.db/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_has 'cases.db  3 cases, … KiB'
out_has 'stepped last  09:39:00, 1m ago'
out_has 'next due      '
out_has 'Cases by version                        open      closed     faulted'
out_has '  late (…)                      3           0           0'
out_has '    lines of journals                    129'
out_has '    snapshots                              3'
out_has '  sent, and not there yet                  0'
expect 0 "$aplomb" store stats "$store" --at $at --json
out_has '{"cases":3,"open":3,"closed":0,"faulted":0,"playbooks":1,'
out_has '"effects":0,"sent":0,'
out_has '"versions":[{"hash":"'
expect 66 "$aplomb" store stats "$here/none.db"
err_has 'there is no file '

# ---- whether it is sound ----------------------------------------------------------------
expect 0 "$aplomb" store verify "$store"
out_has '3 cases, 126 entries'
out_has '; 3 replayed as they are recorded, 129 lines'
out_has 'nothing is damaged'
err_is_empty
expect 0 "$aplomb" store verify "$store" --structure
out_lacks replayed
expect 0 "$aplomb" store verify "$store" --json
out_has '{"damages":0,"cases":3,"entries":126,"replayed":3,"lines":129,"without_beginning":0,'

# ---- copies -------------------------------------------------------------------------------
expect 0 "$aplomb" store backup "$store" "$copy"
out_has "$copy  "
expect 73 "$aplomb" store backup "$store" "$copy"
err_has '[store-exists]'
expect 73 "$aplomb" store restore "$copy" "$store"
err_has '--replace says that what is there is to be lost'
expect 0 "$aplomb" store restore "$copy" "$here/new.db"
out_has 'new.db  3 cases'
lines "$store" >"$here/one"
lines "$here/new.db" | cmp -s "$here/one" - || fail "a copy holds other journals"

# ---- less of it ------------------------------------------------------------------------------
expect 0 "$aplomb" store compact "$store"
out_has ' before, '
out_has 'left out: 0 snapshots that have a newer one behind them'
out_has '129 lines replayed as they are recorded'
lines "$store" | cmp -s "$here/one" - || fail "what was written anew holds other journals"
expect 0 "$aplomb" store verify "$store"
# It goes on where it was.
printf '{"case":"order-1","event":"customer.message","at":"2026-03-31T09:45:00Z","data":{"text":"Hello?"}}\n' >"$here/next"
expect 0 "$aplomb" run $late --events "$here/next" --store "$store" --summary none
expect 0 "$aplomb" case show "$store" order-1 --at 2026-03-31T09:46:00Z
out_has 'entry 43, 09:45:00'
expect 0 "$aplomb" store restore "$copy" "$store" --replace
expect 0 "$aplomb" case show "$store" order-1 --at 2026-03-31T09:46:00Z
out_has 'entry 42, 09:39:00'

# ---- damage --------------------------------------------------------------------------------------
# A byte of what was said, somewhere in the file.
offset=$(LC_ALL=C grep -abo 'Hello' "$copy" | sed -n '5s/:.*//p')
printf 'J' | dd of="$copy" bs=1 seek="$offset" conv=notrunc 2>/dev/null
expect 2 "$aplomb" store verify "$copy"
out_has 'its checksum is another one'
out_has 'not as it was written'
expect 2 "$aplomb" store verify "$copy" --json
out_has '"table":"log"'
expect 2 "$aplomb" store restore "$copy" "$store" --replace
err_has 'is what it was'
expect 2 "$aplomb" store compact "$copy"
expect 0 "$aplomb" store verify "$store"
for left in cases.db copy.db new.db; do [ ! -e "$here/$left-part" ] || fail "$left-part was left"; done

# ---- the command line ------------------------------------------------------------------------------
expect 64 "$aplomb" store
err_has 'One of: stats verify backup restore compact'
expect 64 "$aplomb" store comapct "$store"
err_has 'did you mean "compact"?'
expect 64 "$aplomb" store backup "$store"
err_has 'it is used so: aplomb store backup STORE TO'
for act in stats verify backup restore compact; do
	expect 0 "$aplomb" store $act --help
	out_is_within 80
done

done_testing
