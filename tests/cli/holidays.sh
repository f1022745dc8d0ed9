#!/bin/sh
# SPDX-License-Identifier: MIT
# Holidays from .ics files: what they close, which of their events count, where mistakes are told.
. "$(dirname "$0")/lib.sh"

mkdir "$here/holidays"
event() { printf 'BEGIN:VEVENT\nUID:%s\nSUMMARY:%s\n%s\nEND:VEVENT\n' "$1" "$2" "$3"; }
{
	printf 'BEGIN:VCALENDAR\nVERSION:2.0\n'
	event 1 'Christmas Day' 'DTSTART;VALUE=DATE:20201225
RRULE:FREQ=YEARLY'
	event 2 'Between the years' 'DTSTART;VALUE=DATE:20261228
DTEND;VALUE=DATE:20261231'
	event 3 'Halloween' 'DTSTART;VALUE=DATE:20201031
RRULE:FREQ=YEARLY'
	event 4 'Staff party' 'DTSTART;TZID=Europe/Paris:20261211T150000
DTEND;TZID=Europe/Paris:20261211T230000'
	event 5 'Lunch of the founders' 'DTSTART:20261210T120000
DURATION:PT1H'
	printf 'END:VCALENDAR\n'
} >"$here/holidays/uk.ics"
playbook() {
	cat <<END
return playbook "desk" {
	calendar "support" {
		zone = "Europe/London",
		week = { ["mon-fri"] = "08:00-17:00" },
		holidays = $1,
		exceptions = { ["2026-12-28"] = "10:00-12:00" },
	},
	state "s" { after "4 business hours" { to = "t" } },
	state "t" {},
}
END
}

playbook '{ "holidays/uk.ics", ["2026-12-29"] = "Stocktaking" }' >"$here/desk.lua"
expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-12-10T12:00:00Z
err_is_empty
sed -n '/ \*\| !/p' "$here/out" | sed -n '/[A-Z][a-z][a-z]  /p' | grep -v '^  Mon' >"$here/days" && mv "$here/days" "$here/out"
out_is <<'END'
  !10 Thu  08:00-12:00 13:00-17:00, Lunch of the founders (holidays/uk.ics)
  !11 Fri  08:00-14:00, Staff party (holidays/uk.ics)
  *25 Fri  Christmas Day (holidays/uk.ics)
  !28 Mon  10:00-12:00, Between the years (holidays/uk.ics)
  *29 Tue  Stocktaking
  *30 Wed  Between the years (holidays/uk.ics)
END
expect 0 "$aplomb" calendar add "4 business hours" "$here/desk.lua" --from 2026-12-10T11:00:00Z
out_has '16:00'

# One alone, without a list; and only some of its events.
playbook '"holidays/uk.ics"' >"$here/desk.lua"
expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-10-10T12:00:00Z
out_has '  *31 Sat  Halloween (holidays/uk.ics)'
playbook '{ { file = "holidays/uk.ics", except = { "Halloween" } } }' >"$here/desk.lua"
expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-10-10T12:00:00Z
out_lacks 'Halloween'
playbook '{ { file = "holidays/uk.ics", only = { "Christmas Day" } } }' >"$here/desk.lua"
expect 0 "$aplomb" calendar show "$here/desk.lua" --from 2026-12-10T12:00:00Z
out_has 'Christmas Day'
out_lacks 'Between'

# Mistakes, each where it stands.
refused() {
	playbook "$1" >"$here/desk.lua"
	expect 2 "$aplomb" check "$here/desk.lua"
	out_has "$2"
}
refused '{ "holidays/us.ics" }' 'desk.lua:5:16: error: calendar "support": there is no file "holidays/us.ics" beside the playbook [ics-file]'
refused '{ "../uk.ics" }' '"../uk.ics" is no file beside the playbook'
refused '{ { file = "holidays/uk.ics", only = { "Christmas day" } } }' 'holidays/uk.ics has no event "Christmas day"; did you mean "Christmas Day"?'
refused '{ { file = "holidays/uk.ics", onyl = { "Christmas Day" } } }' 'has no "onyl"; did you mean "only"? [unknown-field]'
refused '{ { file = "uk.txt" } }' 'file is the name of an .ics file beside the playbook [ics-file]'
refused '{ { file = "holidays/uk.ics", except = { "Christmas Day", "Between the years", "Halloween", "Staff party", "Lunch of the founders" } } }' \
	'no event of holidays/uk.ics closes it on any day'
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261301\n' >"$here/holidays/bad.ics"
refused '{ "holidays/bad.ics" }' 'holidays/bad.ics:3: error: the DTSTART "20261301" cannot be read [ics-event]'

done_testing
