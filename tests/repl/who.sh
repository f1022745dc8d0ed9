#!/bin/sh
# SPDX-License-Identifier: MIT
# who: who is on duty at the case's time, or at another.
. "$(dirname "$0")/lib.sh"
late=playbooks/on-call

play 1 --keep-going <<'END'
who
open {}
who 2026-11-26T13:00:00Z
who first-line 2026-11-29T12:00:00Z
wait until 2026-11-23T18:55:00Z
who first-line
who first-line 20:00
who frist-line
who 25:00
who first-line tomorrow
help who
END
out_has '          on duty    first-line: nobody until Mon 2 November 2026 09:00'
out_has '          on duty    first-line: Dee until Thu 26 November 2026 19:00 (+00:00),'
out_has '          on duty    first-line: nobody until Mon 30 November 2026 07:00'
out_has '          on duty    first-line: Ada until Mon 23 November 2026 19:00 (+00:00),'
out_has '                     by turns; then Night desk'
out_has '                     (+00:00), by duties.ics; then Ada'
out_has 'who [ROTA] [TIME]'
out_has 'who: there is no rota "frist-line"; did you mean "first-line"?'
out_has 'who: "25:00" is neither a rota nor a time'
out_has 'a time of the day is written 14:30'
out_is_within 80

late=playbooks/late-delivery
play 1 --keep-going <<'END'
who
END
out_has 'who: the playbook declares no rota'
done_testing
