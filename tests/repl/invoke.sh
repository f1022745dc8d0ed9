#!/bin/sh
# SPDX-License-Identifier: MIT
# A case at the prompt whose playbook invokes another: nobody is opened, and a person plays the child.
. "$(dirname "$0")/lib.sh"

cat >"$here/order.lua" <<-'END'
	return playbook "order" {
		data = { verdict = text {} },
		event "begin" {},
		event "leave" {},
		state "idle" { on "begin" { to = "asking" } },
		state "asking" {
			invoke "credit" { id = "check", data = { amount = 5 }, because = "they pay later" },
			on "done.invoke.check" { to = "over", act = function(case, event) case.data.verdict = event.data.verdict end },
			on "error.invoke.check" { to = "idle" },
			on "error.communication" { to = "idle" },
			on "leave" { to = "idle" },
		},
		final "over" { outcome = "over" },
	}
END
cat >"$here/credit.lua" <<-'END'
	return playbook "credit" {
		data = { amount = integer { required = true } },
		state "working" { after "2h" { to = "good" } },
		final "good" { outcome = "good" },
	}
END
cat >"$here/script" <<-'END'
	open
	do begin
	show
	do leave
	back
	do done.invoke.check { data = { verdict = "fine" } }
	data
	back
	do error.invoke.check { message = "gone", slug = "limit-instructions" }
	options
END
expect 0 "$aplomb" repl "$here/order.lua" --script "$here/script"
out_has 'begins     case-1/check.2 (credit) amount: 5'
out_has 'not opened here; play it: do done.invoke.check'
out_has 'invoked    check (case-1/check.2)'
out_has 'cancels    case-1/check.2'
out_has 'ended      case-1/check.2'
out_has 'closed     over'
out_has 'verdict  "fine"'
out_has 'limit-instructions'
err_is_empty
out_is_within 80

done_testing
