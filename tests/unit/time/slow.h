/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_SLOW_H
#define APL_TEST_SLOW_H

/*
 * A calendar as somebody would count it who has all the time in the world: a
 * window of some months, each minute of it looked at on its own. What a clock
 * of the zone shows then is asked of the C library, which reads the machine's
 * zone data by itself, so nothing here stands on ours: not the zones, not the
 * dates, not a table.
 */

#include "time/calendar.h"

typedef struct slow {
	const char *zone;
	const apl_calendar_parts *parts;
	aplomb_instant begin; /* a whole minute */
	int32_t count;        /* minutes */
	bool *is_open;
	int32_t *date; /* of the minute there: 20261225 */
	int16_t *wall; /* minute of the day there */
} slow;

/* Sets the process's TZ. Memory is malloc's. */
slow *slow_new(const char *zone, const apl_calendar_parts *parts, aplomb_instant begin, int32_t minutes);
void slow_free(slow *s);

/* false: the answer lies outside of the window. */
bool slow_add(const slow *s, aplomb_instant from, aplomb_span span, aplomb_instant *out);
bool slow_subtract(const slow *s, aplomb_instant from, aplomb_span span, aplomb_instant *out);
bool slow_add_days(const slow *s, aplomb_instant from, int32_t days, aplomb_instant *out);
bool slow_subtract_days(const slow *s, aplomb_instant from, int32_t days, aplomb_instant *out);
aplomb_span slow_between(const slow *s, aplomb_instant from, aplomb_instant to);
bool slow_is_open(const slow *s, aplomb_instant at);
bool slow_next(const slow *s, aplomb_instant at, bool open, aplomb_instant *out);
bool slow_previous(const slow *s, aplomb_instant at, bool open, aplomb_instant *out);

#endif
