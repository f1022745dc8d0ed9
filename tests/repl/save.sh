#!/bin/sh
# SPDX-License-Identifier: MIT
# save: a case as a script that plays it again to the same bytes, as a test that passes, as a journal.
. "$(dirname "$0")/../cli/lib.sh"
late=playbooks/late-delivery

cat >"$here/play" <<END
wait until 2026-03-03T10:00:00Z
open { order = "A \"17\"\n", value = "30.00 GBP" } params { warnings = 2 } history { visits = 3, list = [] } locale en as "order 17" about Ada
wait 3m
say Where is my parcel?
say "You are \"useless\"!" tone=-0.9 abusive
agent "One moment." 
do agent.message { text = "I am looking." } by agent:mira
do customer.done
do agent.summary { text = "Late." }
do customer.confirms
do agent.cause { cause = "product" }
do agent.offers
reject voucher
wait 90s
pick refund
wait 2d12h
save $here/again.aplomb
save $here/again_test.lua
save $here/again.jsonl
END
expect 0 "$aplomb" repl "$late" --script "$here/play"
out_has "Saved as a script."
out_has "Saved as a test."
out_has "Saved as a journal."

# The script says what was done, and plays to the same journal.
diff -u - "$here/again.aplomb" <<'END' || fail "the script is another"
-- order 17, for `aplomb repl`, played through late-delivery (Late delivery, upset customer).
wait until 2026-03-03T10:00:00Z
open { order = "A \"17\"\n", value = "30.00 GBP" } params { warnings = 2 } history { list = [], visits = 3 } locale en as "order 17" about Ada
wait 3m
say Where is my parcel?
say "You are \"useless\"!" abusive tone=-0.9
agent One moment.
do agent.message { text = "I am looking." } by agent:mira
do customer.done
do agent.summary { text = "Late." }
do customer.confirms
do agent.cause { cause = "product" }
do agent.offers
reject voucher
wait 1m30s
pick refund
wait 2d
wait 12h
END
cp "$here/again.aplomb" "$here/second"
printf 'save %s\n' "$here/second.jsonl" >>"$here/second"
expect 0 "$aplomb" repl "$late" --script "$here/second"
cmp -s "$here/again.jsonl" "$here/second.jsonl" || fail "the script plays to another journal"

# The journal is sound, and the test passes, wherever it lies.
expect 0 "$aplomb" journal "$here/again.jsonl"
expect 0 "$aplomb" test "$here/again.jsonl" --playbook "$late/playbook.lua"
expect 0 "$aplomb" test "$here/again_test.lua"
out_has '1 passed, 0 failed'
grep -q 'effects = { { "carry-out", cost = "30.00 GBP", menu = "choosing", option = "refund" } }' "$here/again_test.lua" ||
	fail "the test does not hold the playbook to its effects"
# It fails where the playbook does something else.
cp -r "$late" "$here/other"
sed 's|return tests "[^"]*"|return tests "other/playbook.lua"|' "$here/again_test.lua" >"$here/other_test.lua"
expect 0 "$aplomb" test "$here/other_test.lua"
sed 's/after = "2 business days"/after = "4 business days"/' "$late/playbook.lua" >"$here/other/playbook.lua"
expect 2 "$aplomb" test "$here/other_test.lua"
out_has 'work.conversation.resolved.asked'

# Nothing is lost by a name that is there already.
cat >"$here/play" <<END
open { order = "A-1" }
save $here/again.jsonl
save
save $here/again.lua
save $here/no/such/folder
save $here/again.jsonl please
END
cp "$here/again.jsonl" "$here/before"
expect 1 "$aplomb" repl "$late" --script "$here/play" --keep-going
out_has 'is there already.'
out_has 'save: under which name?'
out_has "a test's name ends in _test.lua"
out_has 'save: cannot make'
out_has 'may stand `over`'
cmp -s "$here/again.jsonl" "$here/before" || fail "a file was written over"
cat >"$here/play" <<END
save $here/again.jsonl over
open { order = "A-1" }
save $here/again.jsonl over
END
expect 1 "$aplomb" repl "$late" --script "$here/play" --keep-going
out_has 'There is no case yet.'
out_has 'Saved as a journal.'
[ "$(wc -l <"$here/again.jsonl")" -eq 2 ] || fail "the journal has not two lines"

# What went wrong is expected, too: an error in a function, a step that broke a limit.
cat >"$here/wrong.lua" <<'END'
return playbook "wrong" {
	data = { count = integer { default = 0 } },
	event "err" {}, event "spin" {}, event "end" {},
	state "here" {
		on "err" { act = function(case) case.data.count = case.data.count + nil end },
		on "spin" { act = function(case) while true do case.data.count = 1 end end },
		on "end" { to = "over" },
		on "error.execution" {},
		after "1h" { act = function(case) case:log("warn", "an hour") end },
	},
	final "over" { outcome = "ended" },
}
END
for last in spin end; do
	cat >"$here/play" <<END
do err
wait 1h
do $last
save $here/wrong_${last}_test.lua
END
	expect 0 "$aplomb" repl "$here/wrong.lua" --script "$here/play"
	expect 0 "$aplomb" test "$here/wrong_${last}_test.lua"
done
grep -q 'faulted = true' "$here/wrong_spin_test.lua" || fail "the fault is not expected"
grep -q 'outcome = "ended"' "$here/wrong_end_test.lua" || fail "the outcome is not expected"
done_testing
