#!/bin/sh
# SPDX-License-Identifier: MIT
# Calendars at hand: a month as text, what a span comes to, what is worth a second look.
. "$(dirname "$0")/lib.sh"

cat >"$here/desk.lua" <<'END'
return playbook "desk" {
	calendar "support" {
		zone = "Europe/London",
		week = { ["mon-fri"] = "08:00-17:00" },
		holidays = { ["2026-12-25"] = "Christmas Day", "2026-12-28", ["2026-12-26"] = "Boxing Day" },
		exceptions = { ["2026-12-24"] = "08:00-12:00", ["2026-12-28"] = "10:00-12:00" },
	},
	state "s" { after "4 business hours" { to = "t" } },
	state "t" {},
}
END

# The year in which clocks are put on at the end of March.
expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-03-10T12:00:00Z
err_is_empty
sed 's/version [0-9a-f]*/version …/; s/zone data [0-9a-f]*/zone data …/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
support  Europe/London, version …, zone data …
  Mon-Fri  08:00-17:00
  Sat-Sun  closed

March 2026
  Mon   Tue   Wed   Thu   Fri   Sat   Sun
                                      - 1
    2     3     4     5     6   - 7   - 8
    9    10    11    12    13   -14   -15
   16    17    18    19    20   -21   -22
   23    24    25    26    27   -28   >29
   30    31
  >29 Sun  clocks are put on by 1 h
END

expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-12-10T12:00:00Z --months 2
out_has '  !24 Thu  08:00-12:00'
out_has '  *25 Fri  Christmas Day'
out_has '  *26 Sat  Boxing Day'
out_has '  !28 Mon  10:00-12:00'
out_has 'January 2027'
out_is_within 80

# Friday 16:00 and four hours, from Monday to Friday, 08:00 to 17:00.
expect 0 "$aplomb" calendar add "4 business hours" "$here/desk.lua" --from 2026-11-20T16:00:00Z
sed 's/version [0-9a-f]*/version …/; s/zone data [0-9a-f]*/zone data …/' "$here/out" >"$here/plain" && mv "$here/plain" "$here/out"
out_is <<'END'
support  Europe/London, version …, zone data …
from     Fri 20 November 2026 16:00 (+00:00)
until    Mon 23 November 2026 11:00 (+00:00)
  Fri 20 November 2026 16:00 (+00:00)          open  1 h
  Fri 20 November 2026 17:00 (+00:00)          closed
  Mon 23 November 2026 08:00 (+00:00)          open  3 h
  open in all: 4 h
END
expect 0 "$aplomb" calendar add --from 2026-11-23T11:00:00Z -- "-4 business hours" "$here/desk.lua"
out_has 'back to  Fri 20 November 2026 16:00 (+00:00)'
expect 0 "$aplomb" calendar add "2 business days" "$here/desk.lua" --from 2026-12-24T09:00:00Z --calendar support
out_has 'until    Tue 29 December 2026 09:00 (+00:00)'
out_has 'holiday: Christmas Day'

expect 1 "$aplomb" calendar check "$here/desk.lua" --from 2026-11-01T00:00:00Z
out_has 'support: Sat 26 December 2026: Boxing Day falls on a day that is closed anyway'
out_has '1 calendar, the year from then on: 1 thing to look at'

# What cannot be done is said.
expect 64 "$aplomb" calendar ad "1h" "$here/desk.lua"
err_has 'did you mean "add"?'
expect 64 "$aplomb" calendar add "1h 2 business days" "$here/desk.lua"
err_has 'clock time and business time are not mixed in one span'
expect 64 "$aplomb" calendar add "$here/desk.lua" --from 2026-11-01T00:00:00Z
err_has 'add takes a span and a playbook'
expect 64 "$aplomb" calendar show "$here/desk.lua" --calendar suport
err_has 'did you mean "support"?'
expect 2 "$aplomb" calendar add "900000 business hours" "$here/desk.lua" --from 2026-11-01T00:00:00Z
err_has '[calendar-range]'
printf 'return playbook "p" { state "s" {} }\n' >"$here/none.lua"
expect 2 "$aplomb" calendar show "$here/none.lua"
err_has 'the playbook declares no calendar'

done_testing
