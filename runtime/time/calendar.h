/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_CALENDAR_H
#define APL_TIME_CALENDAR_H

/*
 * When people are there, and what that makes of a span.
 *
 * A calendar is wall time: the hours of each day of the week, days that are
 * other than their weekday (holidays, exceptions), and the zone on whose clocks
 * all that is read. One sentence decides everything: an instant is open when
 * the clock of the zone then shows a date and a time that lie in that date's
 * hours, their beginning included, their end not. So an hour that the clock
 * jumps over counts for nothing, one that it shows twice counts twice, a date
 * that never was has no hours, and nothing else needs a rule.
 *
 * Business hours and minutes are open time:
 *   add       the earliest instant by which so much open time has passed: at
 *             the end of a day it is closing time, not the next opening
 *   subtract  the latest instant from which so much open time passes
 * So there and back again is the same instant, from any open one.
 *
 * A business day is a date with open time. So many business days on is the
 * same wall time so many such dates later. What was asked outside of hours
 * counts from the next opening (backwards: from the last closing); a time at
 * which the date arrived at is closed moves within that date: to its opening,
 * to the end of its break, or back to its closing (backwards the break's
 * beginning). No span at all leaves an instant where it is.
 *
 * It knows the years 1970 to 2299 and says where a span leads out of them. A
 * calendar is immutable but for tables that it makes when they are first
 * needed, one a year, and does without when there is no memory for them: so it
 * belongs to one thread, and no answer ever fails for want of memory.
 */

#include "time/hours.h"
#include "time/zone.h"

typedef struct apl_calendar apl_calendar;

/* A date that is other than its weekday. */
typedef struct apl_special_day {
	apl_date date;
	bool is_exception;             /* said by whoever wrote the calendar; beats a holiday of that date */
	const char *name;              /* of the holiday, or NULL */
	uint32_t first_hours, n_hours; /* within the parts' hours; none: closed */
	const char *source;            /* the file that says so, or NULL: the playbook does */
} apl_special_day;

/* What a calendar is made of. Everything is copied. */
typedef struct apl_calendar_parts {
	const apl_zone *zone;
	const apl_open_hours (*week)[APL_MOST_HOURS]; /* APL_WEEK_DAYS, Monday first; each day's in order, not overlapping */
	const uint32_t *n_week;
	const apl_special_day *days; /* in any order; of one date at most one exception counts, and the first holiday */
	uint32_t n_days;
	const apl_open_hours *hours; /* of special days */
	uint32_t n_hours;
} apl_calendar_parts;

/* ENOMEM. */
int apl_calendar_new(apl_calendar **out, const apl_alloc *alloc, const apl_calendar_parts *parts, aplomb_error *error);
/* From its text alone. EINVAL, slug calendar-material; ENOMEM. */
int apl_calendar_read(apl_calendar **out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error);
void apl_calendar_free(apl_calendar *calendar);

/*
 * All that decides its answers, as canonical JSON (lent, terminated):
 *   {"exceptions":{"2026-12-24":[["09:00","12:00"]]},"holidays":{"2026-12-25":"Christmas Day"},
 *    "sources":{"2026-12-25":"holidays/uk.ics"},"v":1,"week":{"fri":[["09:00","12:30"]],…},"zone":{…}}
 * "sources" is left out when all of it stands in the playbook.
 */
const char *apl_calendar_text(const apl_calendar *calendar, size_t *size);
/* SHA-256 of that text, APL_SHA256_HEX digits. */
const char *apl_calendar_version(const apl_calendar *calendar);
/* Of its zone alone: SHA-256 of the zone's text. */
const char *apl_calendar_zone_version(const apl_calendar *calendar);
const apl_zone *apl_calendar_zone(const apl_calendar *calendar);

/* [at] may be any instant; what lies outside of the years known is closed. */
bool apl_calendar_is_open(const apl_calendar *calendar, aplomb_instant at);
/* Open time from [from] to [to]; negative when they stand the other way round. */
aplomb_span apl_calendar_between(const apl_calendar *calendar, aplomb_instant from, aplomb_instant to);
/*
 * A business span on from (or back from) [from]. [span] as apl_span_read_any
 * gives it with its unit, not negative; a clock span is added as such. EREFUSED,
 * slug calendar-range, when it leads out of the years known.
 */
int apl_calendar_add(
    const apl_calendar *calendar, aplomb_instant from, aplomb_span span, apl_span_unit unit, aplomb_instant *out, aplomb_error *error);
int apl_calendar_subtract(
    const apl_calendar *calendar, aplomb_instant from, aplomb_span span, apl_span_unit unit, aplomb_instant *out, aplomb_error *error);

/* Why an instant is open or closed. */
typedef enum apl_calendar_reason {
	APL_CALENDAR_OPEN,
	APL_CALENDAR_CLOSED,    /* outside the hours of its weekday */
	APL_CALENDAR_HOLIDAY,   /* [name] may say which */
	APL_CALENDAR_EXCEPTION, /* outside the hours that an exception gives its date */
} apl_calendar_reason;

/* A stretch of time with one reason, as long as it is. */
typedef struct apl_calendar_stretch {
	aplomb_instant from, until; /* [from, until) */
	apl_calendar_reason reason;
	const char *name; /* of the holiday, lent; or NULL */
} apl_calendar_stretch;

/* The stretch that [at] lies in. Those of a calendar that is never open, or never closed, are cut after a year or so on either side. */
void apl_calendar_stretch_at(const apl_calendar *calendar, aplomb_instant at, apl_calendar_stretch *out);
/*
 * The next instant at or after [at] at which it is open (or closed): [at] itself
 * when it is so then. The previous: the latest at or before [at] at which it
 * opened (or closed). false: there is none in the years known.
 */
bool apl_calendar_next(const apl_calendar *calendar, aplomb_instant at, bool open, aplomb_instant *out);
bool apl_calendar_previous(const apl_calendar *calendar, aplomb_instant at, bool open, aplomb_instant *out);

/* A date in the calendar. */
typedef struct apl_calendar_day {
	const apl_open_hours *hours; /* lent */
	uint32_t n_hours;
	apl_calendar_reason reason; /* HOLIDAY, EXCEPTION, or that of its weekday: OPEN, or CLOSED when it has no hours */
	const char *name;           /* of the holiday, also when an exception opens it; or NULL */
	const char *source;         /* the file that the name comes from, or NULL */
	int64_t jump;               /* microseconds by which the clock is put on (or back, negative) within the date; 0: it is not */
} apl_calendar_day;
void apl_calendar_day_of(const apl_calendar *calendar, apl_date date, apl_calendar_day *out);

#endif
