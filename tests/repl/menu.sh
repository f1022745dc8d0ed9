#!/bin/sh
# SPDX-License-Identifier: MIT
# menu, pick and reject: what a playbook puts before the customer, and what the customer makes of it.
. "$(dirname "$0")/lib.sh"

choosing='open { order = "A-17", value = "30.00 GBP" } params { refund_limit = "40.00 GBP" }
say Where is it?
do customer.done
do agent.summary
do customer.confirms
do agent.offers'

play 0 <<END
$choosing
menu
reject voucher
pick refund-approved
menu
wait 5m
pick redeliver
menu
END
sed -n '/^aplomb> menu/,$p' "$here/out" >"$here/menus"
diff -u - "$here/menus" <<'END' || fail "the menus are others"
aplomb> menu
          menu       choosing, as it was shown at 09:00:00
          open       redeliver: We send it again today, by express.
          open       refund (costs 30.00 GBP): We give you your money back.
          open       voucher (costs 10.00 GBP, a compromise): We give you a
                     voucher for your next order.
          closed     refund-approved: it is offered only in place of "refund"

aplomb> reject voucher
09:00:00  customer   customer.rejects option: voucher
          moves      offering → weighing
          moves      weighing → offering
          wants      menu choosing
                     options:
                     • redeliver: We send it again today, by express.
                     • refund: We give you your money back.; cost: 30.00 GBP
                     closed:
                     • refund-approved: it is offered only in place of "refund"
                     • voucher: the customer does not want it
          now        conversation.choosing.offering │ respect │ supervisor.ready
          due        Tue 3 Mar 09:00:00, in 1d: conversation.choosing.offering

aplomb> pick refund-approved
09:00:00  customer   customer.picks option: refund-approved
          because    that cannot be chosen
          wants      menu choosing
                     options:
                     • redeliver: We send it again today, by express.
                     • refund: We give you your money back.; cost: 30.00 GBP
                     closed:
                     • refund-approved: it is offered only in place of "refund"
                     • voucher: the customer does not want it
          now        conversation.choosing.offering │ respect │ supervisor.ready
          due        Tue 3 Mar 09:00:00, in 1d: conversation.choosing.offering

aplomb> menu
          menu       choosing, as it was shown at 09:00:00
          open       redeliver: We send it again today, by express.
          open       refund (costs 30.00 GBP): We give you your money back.
          closed     refund-approved: it is offered only in place of "refund"
          closed     voucher: the customer does not want it

aplomb> wait 5m
09:05:00  now        conversation.choosing.offering │ respect │ supervisor.ready
          due        Tue 3 Mar 09:00:00, in 23h 55m:
                     conversation.choosing.offering

aplomb> pick redeliver
09:05:00  customer   customer.picks option: redeliver
          moves      offering → accepted
          wants      carry-out menu: choosing, option: redeliver
          raises     choosing.accepted option: redeliver
          moves      choosing → resolved
          now        conversation.resolved.promised │ respect │ supervisor.ready
          due        Wed 4 Mar 09:05:00, in 2d: conversation.resolved.promised

aplomb> menu
          menu       choosing, as it was shown at 09:00:00; the case has left it
                     since
          open       redeliver: We send it again today, by express.
          open       refund (costs 30.00 GBP): We give you your money back.
          closed     refund-approved: it is offered only in place of "refund"
          closed     voucher: the customer does not want it

END

# All of them at once.
play 0 <<END
$choosing
reject
END
out_has 'because the customer wants none of it'

# An option that the menu does not have is not posted: the nearest is named, or all of them.
play 1 --keep-going <<END
menu
open { order = "A-17" }
menu
pick
$(printf '%s\n' "$choosing" | tail -n +2)
pick refnd
reject something-else
menu now
END
out_has 'There is no case yet.'
out_has 'Nothing was put before the customer yet'
out_has 'pick: which option? `menu` shows them'
out_has 'pick: the menu has no option "refnd"; did you mean "refund"?'
out_has 'reject: the menu has no option "something-else"; it has redeliver,'
out_has 'menu: takes nothing; `pick now` chooses it'
out_lacks 'customer.picks option: refnd'
done_testing
