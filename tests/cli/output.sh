#!/bin/sh
# SPDX-License-Identifier: MIT
# What cannot be written is told, with its own status.
. "$(dirname "$0")/lib.sh"
if [ ! -c /dev/full ]; then
	echo "skipped: there is no /dev/full here"
	exit 77
fi
events=examples/conversations/late_parcel.jsonl

full() { # COMMAND… with a full disk for standard output
	shown="$* >/dev/full"
	status=0
	: >"$here/out"
	"$@" </dev/null >/dev/full 2>"$here/err" || status=$?
	[ "$status" -eq 74 ] || fail "ended with status $status, expected 74"
	err_has 'cannot write to standard output: No space left on device'
}
full "$aplomb" help
full "$aplomb" --version
full "$aplomb" check "$upset"
full "$aplomb" explain
full "$aplomb" run "$upset" --events $events
full "$aplomb" run "$upset" --events $events --transcript --drain
"$aplomb" run "$upset" --events $events --drain --journal "$here/journal" --summary none
full "$aplomb" journal "$here/journal"
full "$aplomb" journal "$here/journal" --json

# A journal that cannot be written: what it holds was run, nothing else was.
expect 74 "$aplomb" run "$upset" --events $events --journal /dev/full --overwrite --summary json
err_has 'cannot write the journal to /dev/full: No space left on device'
out_has '"cases":0,'
out_has '"stopped":"the journal could not be written"'

# Nobody reads: a pipe whose reader has gone. (Enough is written that no pipe holds it.)
awk 'BEGIN { for (i = 0; i < 2000; i++) printf "{\"case\":\"c%d\",\"event\":\"customer.message\",\"at\":\"2026-03-31T09:00:00Z\",\"data\":{\"text\":\"Where is it?\"}}\n", i }' >"$here/many"
shown="aplomb run --transcript | true"
{ "$aplomb" run examples/late.lua --events "$here/many" --transcript 2>"$here/err" || echo $? >"$here/status"; } | true
[ "$(cat "$here/status" 2>/dev/null)" = 74 ] || fail "a closed pipe was not told with status 74"
err_has 'nobody reads it any more'

done_testing
