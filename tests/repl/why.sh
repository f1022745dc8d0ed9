#!/bin/sh
# SPDX-License-Identifier: MIT
# why, why not, options, try: a conversation word for word, and what is said when something is named wrongly.
. "$(dirname "$0")/lib.sh"

# why not, why, options, try, try next: what is said, to the letter.
expect 1 "$aplomb" repl "$late" --script tests/repl/why.aplomb --keep-going
out_is <tests/repl/why.expected
err_is_empty
out_is_within 80

# Without a case there is nothing to ask about.
play 1 --keep-going <<'END'
why
END
out_has 'There is no case yet.'

# What is named wrongly: the nearest, or how it is written.
play 1 --keep-going <<'END'
open { order = "A-1" }
why listenign
why speaking agent.sings
why #900
why qqqqqqqqqqqq
why not
try
try customer.message { tone = "low" }
try customer.message { tone = } 
try agent.offers to nobody
options customer.pcks
END
out_has 'why: there is no state "listenign"; did you mean "listening"?'
out_has 'why: state "speaking" has no such transition.'
out_has 'why: transitions are numbered from 1 to '
out_has 'why: there is no state "qqqqqqqqqqqq". A transition is named by its state,'
out_has 'why not: what? A transition by its state'
out_has 'try: which event?'
out_has 'event.tone: expected a number, found the text "low" [wrong-type]'
out_has 'try: expected a value before'
out_has 'try: behind the event stand a table'
out_has 'options: no active state would take "customer.pcks" now.'

# A try leaves nothing behind: not in what is shown afterwards, not in the timeline.
play 0 --keep-going <<'END'
open { order = "A-1" }
try respect.end
try next
show
timeline
END
out_has 'would be   conversation.closed'
out_lacks 'now        conversation.closed'
[ "$(grep -c 'respect.end' "$here/out")" -eq 2 ] || fail "the tried event stands in the timeline"

# An option of a menu: open or closed, by which part, what was turned down, who has to approve it, what is offered instead.
play 0 --keep-going <<'END'
open { order = "A-1", value = "50.00 GBP" } params { refund_limit = "40.00 GBP" }
why refund
do listening.skipped { reason = "a test" }
do agent.offers
why not refund
why refund-approved
do customer.rejects { option = "voucher" }
why not voucher
END
out_has 'now        no menu asks about it'
out_has 'when       data.value <= params.refund_limit is false, for data.value'
out_has '· params.refund_limit: 40.00 GBP ←'
out_has 'otherwise  "refund-approved"'
out_has 'authority  "supervisor"'
out_has 'now        open; picks("choosing", "refund-approved") is true'
out_has 'counter    choosing.voucher.rejected is 1'
out_has 'now        closed; picks("choosing", "voucher") is false'
out_has 'playbooks/late-delivery/playbook.lua:57'

# A refused event is nothing that happened to the case, so `why` asks about what happened before it; a closed case says that it takes none.
play 1 --keep-going <<'END'
open { order = "A-1" }
do customer.done { loud = true }
why
do respect.end
do record.skip { reason = "a test" }
options
why
END
out_has 'why        entry 1: the case opened'
out_has 'Nothing: the case takes no events any more.'
done_testing
