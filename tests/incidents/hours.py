# SPDX-License-Identifier: MIT
#
# What the clocks of playbooks/it-incident/hours.lua should have done, computed from the CSV alone: neither the converter nor the
# playbook nor the runtime has a part in it, and the zone is Python's.
#
#     python3 hours.py log.csv
#
# Writes a line `what|case|clock|…` for each warning and breach with its instant, and for each clock that ran what it counted in the
# intervals that ended. All times are whole seconds since 1970.
import csv
import datetime as dt
import sys
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/London")
UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
CLOSED = {dt.date(*d) for d in [(2016, 3, 25), (2016, 3, 28), (2016, 5, 2), (2016, 5, 30), (2016, 8, 29), (2016, 12, 26),
                                (2016, 12, 27), (2017, 1, 2)]}
OTHER = {dt.date(2016, 3, 24): [(480, 750)], dt.date(2016, 4, 9): [(600, 840)]}
WEEK = [[(480, 750), (780, 1080)]] * 4 + [[(480, 750), (780, 990)], [], []]

HOUR = 3600
RESPOND = {"1": HOUR // 2, "2": HOUR, "3": 4 * HOUR, "4": 8 * HOUR}
RESOLVE = {"1": 4 * HOUR, "2": 8 * HOUR, "3": 24 * HOUR, "4": 40 * HOUR}
STATES = {"New": "new", "Active": "ours", "Awaiting User Info": "user", "Awaiting Vendor": "others", "Awaiting Problem": "others",
          "Awaiting Evidence": "others", "Resolved": "resolved", "Closed": "closed"}


def hours_of(day):
    if day in OTHER:
        return OTHER[day]
    return [] if day in CLOSED else WEEK[day.weekday()]


def spans_of(day, known={}):
    """The seconds at which the desk opens and closes on that day."""
    if day not in known:
        spans = []
        for opens, closes in hours_of(day):
            pair = [dt.datetime.combine(day, dt.time(m // 60, m % 60), ZONE) for m in (opens, closes)]
            spans.append(tuple(int((at.astimezone(UTC) - EPOCH).total_seconds()) for at in pair))
        known[day] = spans
    return known[day]


def day_of(second):
    return (EPOCH + dt.timedelta(seconds=second)).astimezone(ZONE).date()


def between(begin, end):
    total, day, last = 0, day_of(begin), day_of(end)
    while day <= last:
        for opens, closes in spans_of(day):
            total += max(0, min(closes, end) - max(opens, begin))
        day += dt.timedelta(days=1)
    return total


def after(begin, length):
    """The earliest second by which so much open time has passed."""
    if length <= 0:
        return begin
    day = day_of(begin)
    while True:
        for opens, closes in spans_of(day):
            here = max(0, closes - max(opens, begin))
            if here >= length:
                return max(opens, begin) + length
            length -= here
        day += dt.timedelta(days=1)


class Clock:
    """What it has counted, and which marks (per cent of the target; 100 is the breach) it has told."""

    def __init__(self, name, places, targets, marks, out, case):
        self.name, self.places, self.targets, self.marks = name, places, targets, marks + [100]
        self.out, self.case = out, case
        self.target, self.counted, self.since, self.told = None, 0, None, set()
        self.begun, self.floor = False, 0

    def position(self, mark):
        return self.target * mark // 100

    def go(self, until):
        """Tells everything that is due up to and with that second, and nothing before the row that made it so."""
        while self.begun:
            left = [(self.position(mark), mark) for mark in self.marks if mark not in self.told]
            if not left:
                return
            position, mark = min(left)
            if position <= self.counted:
                when = self.floor
            elif self.since is not None:
                when = max(after(self.since, position - self.counted), self.floor)
            else:
                return
            if when > until:
                return
            self.told.add(mark)
            self.out.append("|".join(["breached" if mark == 100 else "warned", self.case, self.name, str(mark), stamp(when)]))

    def row(self, at, place, priority, moves):
        counted = self.counted + (between(self.since, at) if self.since is not None else 0)
        if moves:
            self.target = self.targets[priority]
            if self.begun:
                self.told = {mark for mark in self.told if self.position(mark) <= counted}
        runs = place in self.places
        if not runs:
            self.counted, self.since = counted, None
        elif self.since is None:
            if not self.begun and self.target is None:
                self.target = self.targets[priority]
            self.begun, self.since = True, at
        self.floor = at
        self.go(at)


def stamp(second):
    return (EPOCH + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def second_of(text):
    date, time = text.split(" ")
    day, month, year = map(int, date.split("/"))
    hour, minute = map(int, time.split(":"))
    return int((dt.datetime(year, month, day, hour, minute, tzinfo=UTC) - EPOCH).total_seconds())


def main():
    cases = {}
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            cases.setdefault(row["number"], []).append((second_of(row["sys_updated_at"]), number, row["incident_state"], row["priority"]))
    end, out = max(row[0] for rows in cases.values() for row in rows), []
    for case, rows in cases.items():
        clocks = [Clock("respond", {"new"}, RESPOND, [75], out, case),
                  Clock("resolve", {"new", "ours", "others"}, RESOLVE, [50, 80], out, case)]
        state, priority = None, "3"
        for at, _, said, level in sorted(rows):
            before, was = state, priority
            state = STATES.get(said, state or "new")
            priority = level[0] if level[:1] in RESPOND else priority
            for clock in clocks:
                clock.go(at)
            moves = before is not None and priority != was
            clocks[0].row(at, state, priority, moves and before == "new")
            clocks[1].row(at, state, priority, moves and before not in ("resolved", "closed"))
        for clock in clocks:
            clock.go(end)
            if clock.begun:
                out.append("|".join(["counted", case, clock.name, str(clock.counted // 60)]))
    for line in sorted(out):
        print(line)


main()
