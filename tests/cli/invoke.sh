#!/bin/sh
# SPDX-License-Identifier: MIT
# Playbooks that invoke others: loaded along, drawn, checked, run, told and replayed.
. "$(dirname "$0")/lib.sh"

mkdir "$here/book"
cat >"$here/book/order.lua" <<-'END'
	return playbook "order" {
		data = { total = integer { default = 5 } },
		event "begin" {},
		event "leave" {},
		state "idle" { on "begin" { to = "asking" } },
		state "asking" {
			invoke "credit" { data = { amount = from "data.total" }, because = "they pay later" },
			on "done.invoke.asking.1" { to = "over" },
			on "leave" { to = "idle" },
			after "1d" { to = "over" },
		},
		final "over" { outcome = "over" },
	}
END
cat >"$here/book/credit.lua" <<-'END'
	return playbook "credit" {
		data = { amount = integer { required = true } },
		event "answer" {},
		state "working" { on "answer" { to = "good" }, after "2h" { to = "good" } },
		final "good" { outcome = "good" },
	}
END
cat >"$here/events" <<-'END'
	{"case":"a","event":"begin","at":"2026-03-02T09:00:00Z"}
	{"case":"b","event":"begin","at":"2026-03-02T09:00:01Z"}
	{"case":"b","event":"leave","at":"2026-03-02T09:00:02Z"}
	{"case":"a/asking.1.2","event":"answer","at":"2026-03-02T09:00:03Z"}
END

# What stands beside the playbook comes along, and cases speak at their own times.
expect 0 "$aplomb" run "$here/book/order.lua" -e "$here/events" --transcript
out_has 'begins     a/asking.1.2 (credit) amount: 5'
out_has 'because they pay later'
out_has 'a/asking.1.2  playbook credit  invoked by a'
out_has 'cancels    b/asking.1.2'
out_has 'case:b     cancelled: the state that invoked this case was left'
out_has 'ended      a/asking.1.2'
expect 0 "$aplomb" run "$here/book/order.lua" -e "$here/events" -j "$here/journal"
out_has 'opened                                 4'
out_has 'invoked by others                    2'
expect 0 "$aplomb" journal "$here/journal" --all
out_has 'ended      a/asking.1.2'
expect 0 "$aplomb" run "$here/book/order.lua" -e "$here/events" --limit-invoke-depth 1 -j - --summary none
out_has '"limits":{"data":1048576'
out_has '"invoke_depth":1'
expect 0 "$aplomb" draw "$here/book/order.lua"
out_has 'invokes: credit as asking.1'
expect 0 "$aplomb" draw "$here/book/order.lua" --as scxml
out_has '<invoke type="scxml" src="credit.scxml" id="asking.1" aplomb:because="they pay later"/>'
expect 0 "$aplomb" check "$here/book/order.lua"
out_lacks 'invoke-'
grep -v done.invoke "$here/book/order.lua" >"$here/book/other.lua"
expect 0 "$aplomb" check --notes "$here/book/other.lua"
out_has 'note: state "asking": nothing waits for the end of what it invokes: on "done.invoke.asking.1" [invoke-unheard]'

# What is given is held against what the child declares, if it can be found; a mistake of the child's is told as its own.
sed 's/amount =/ammount =/' "$here/book/order.lua" >"$here/book/other.lua"
expect 1 "$aplomb" check "$here/book/other.lua"
out_has 'other.lua:7:26: warning: invoke "credit": its playbook has no data.ammount; did you mean "amount"? [invoke-data]'
out_has 'its playbook requires data.amount, which is not given [invoke-data]'
sed 's/"credit"/"credti"/' "$here/book/order.lua" >"$here/book/other.lua"
expect 1 "$aplomb" check "$here/book/other.lua"
out_has 'did you mean "credit"? [invoke-unknown]'
echo 'return playbook "credit" { state "a" { on "nothing" {} } }' >"$here/book/credit.lua"
expect 2 "$aplomb" check "$here/book/order.lua"
out_has "$here/book/credit.lua:1:"
out_has '[unknown-event]'

done_testing
