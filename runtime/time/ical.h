/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ICAL_H
#define APL_TIME_ICAL_H

/*
 * What is asked of libical: one property's line in, its values out; a rule and
 * a start in, the starts that follow out. Walls only: of zones libical is
 * asked nothing. ics.h is what others read .ics files with.
 */

#include "base/buf.h"
#include "base/error.h"
#include "time/zone.h"

typedef struct apl_ical apl_ical;

/*
 * Finds libical on this machine; EIO, slug ics-library: it is not installed, or
 * is another one. ENOMEM. What the library keeps for itself is as it was once
 * apl_ical_close has been called.
 */
int apl_ical_open(apl_ical **out, const apl_alloc *alloc, aplomb_error *error);
void apl_ical_close(apl_ical *ical);

typedef struct apl_ical_time {
	apl_wall wall; /* of a date its midnight */
	bool is_date, is_utc;
} apl_ical_time;

/* One value of a property. What is lent lasts until [tell] returns. */
typedef struct apl_ical_value {
	bool has_time;
	apl_ical_time at;
	bool has_length; /* of a DURATION, and of a period in an RDATE */
	apl_wall length;
	const char *text; /* of a property that is text, lent; else NULL */
	int32_t number;   /* of SEQUENCE */
	const char *zone; /* its TZID, lent; or NULL */
	bool has_range;   /* it is said to hold for what follows, too */
} apl_ical_value;

/*
 * [line]: unfolded, terminated, in UTF-8, without control characters. Tells each value; returns how many there
 * are: 0 when it cannot be read, -1 when there is no memory.
 */
int apl_ical_values(const apl_ical *ical, const char *line, void (*tell)(const apl_ical_value *value, void *payload), void *payload);

typedef enum apl_ical_frequency {
	APL_ICAL_HOURLY,
	APL_ICAL_DAILY,
	APL_ICAL_WEEKLY,
	APL_ICAL_MONTHLY,
	APL_ICAL_YEARLY,
	APL_ICAL_OTHER
} apl_ical_frequency;

typedef struct apl_ical_rule {
	apl_ical_frequency frequency;
	int32_t interval, count; /* [count] 0: not counted */
	bool has_until;
	apl_ical_time until;
	bool is_gregorian;
	bool has_days;  /* BYDAY */
	bool has_dates; /* BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYSETPOS: what does not come again week by week */
	bool has_times; /* BYHOUR, BYMINUTE, BYSECOND */
} apl_ical_rule;

/* [text]: what stands behind "RRULE:". false: it is no rule. */
bool apl_ical_rule_read(const apl_ical *ical, const char *text, apl_ical_rule *out);
/*
 * Tells the starts that the rule gives from [start] on, in order, COUNT and
 * UNTIL aside, until [tell] answers false or there are no more. false: libical
 * takes the rule for none after all.
 */
bool apl_ical_starts(
    const apl_ical *ical, const char *text, const apl_ical_time *start, bool (*tell)(apl_wall start, void *payload), void *payload);

#endif
