/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_CALENDAR_INSIDE_H
#define APL_TIME_CALENDAR_INSIDE_H

/*
 * What the files of a calendar share: how it lies in memory, its open pieces,
 * and the tables of its years.
 *
 * A table knows for each UTC day of its year how much open time lies before it,
 * and for each date how many business days. Days are UTC's, because a date of a
 * zone need not be in one piece: where clocks are put back at one minute past
 * midnight, yesterday comes again.
 */

#include "base/hash.h"
#include "time/calendar.h"

#define APL_CALENDAR_YEARS (APL_ZONE_LAST_YEAR - APL_ZONE_FIRST_YEAR + 1)

typedef struct apl_calendar_year {
	apl_date first; /* the first of January */
	int32_t days;
	int64_t open_before[367]; /* microseconds; of the number [days], all of the year */
	int16_t business_before[367];
} apl_calendar_year;

struct apl_calendar {
	apl_alloc alloc;
	apl_zone zone;
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS];
	apl_special_day *days; /* in order, one a date; the first n_used of n_days that there is room for */
	uint32_t n_days, n_used;
	apl_open_hours *hours; /* of special days */
	uint32_t n_hours;
	char *names; /* of holidays, one behind the other */
	size_t names_size;
	apl_buf text;
	size_t zone_begun; /* in the text */
	char version[APL_SHA256_HEX + 1], zone_version[APL_SHA256_HEX + 1];
	apl_calendar_year **years; /* made when they are needed */
};

/* The exception or holiday of that date, or NULL. */
const apl_special_day *apl_calendar_special(const apl_calendar *calendar, apl_date date);
const apl_open_hours *apl_calendar_hours(const apl_calendar *calendar, apl_date date, uint32_t *count);

/* Open time in one piece, but for the edges of UTC days. */
typedef struct apl_open_piece {
	aplomb_instant from, until;
} apl_open_piece;
/* A day touches three changes of the zone at most, for they are a day apart, and three dates by each. */
enum { APL_MOST_PIECES = 9 * APL_MOST_HOURS };
/* The pieces of a UTC day, in order; how many. */
uint32_t apl_calendar_pieces(const apl_calendar *calendar, apl_date day, apl_open_piece out[APL_MOST_PIECES]);
/* Is there any open instant on that date? */
bool apl_calendar_is_business_day(const apl_calendar *calendar, apl_date date);
/* The table of a year within those known: kept, or in [spare] when there is no memory to keep it. */
const apl_calendar_year *apl_calendar_year_of(const apl_calendar *calendar, int32_t year, apl_calendar_year *spare);

#endif
