/* SPDX-License-Identifier: MIT */
/*
 * Decides what a calendar makes of a span: where so much open time, or so many
 * business days, lead from an instant. A position is a year and the open time
 * in it that lies before; the tables find the day, the day's pieces the instant.
 */

#include "time/calendar_count.h"

#include "base/assert.h"

typedef struct position {
	int32_t year;
	int64_t open; /* since the year began */
} position;

static int32_t year_of(aplomb_instant at) {
	return apl_civil_of(apl_wall_date(at)).year;
}

static aplomb_instant within(aplomb_instant at) {
	if (at < APL_ZONE_BEGIN) return APL_ZONE_BEGIN;
	return at > APL_ZONE_END ? APL_ZONE_END : at;
}

static position position_of(const apl_calendar *c, aplomb_instant at) {
	apl_open_piece pieces[APL_MOST_PIECES];
	apl_calendar_year spare;
	at = within(at);
	apl_date day = apl_wall_date(at);
	int32_t year = year_of(at);
	if (year > APL_ZONE_LAST_YEAR) { /* the very end */
		const apl_calendar_year *last = apl_calendar_year_of(c, APL_ZONE_LAST_YEAR, &spare);
		return (position){APL_ZONE_LAST_YEAR, last->open_before[last->days]};
	}
	const apl_calendar_year *table = apl_calendar_year_of(c, year, &spare);
	int64_t open = table->open_before[day - table->first];
	uint32_t count = apl_calendar_pieces(c, day, pieces);
	for (uint32_t i = 0; i < count && pieces[i].from < at; i++) open += (pieces[i].until < at ? pieces[i].until : at) - pieces[i].from;
	return (position){year, open};
}

static int64_t open_of_year(const apl_calendar *c, int32_t year) {
	apl_calendar_year spare;
	const apl_calendar_year *table = apl_calendar_year_of(c, year, &spare);
	return table->open_before[table->days];
}

/* The last day of the year before which no more than [open] lies, or (with [less]) before which less lies. */
static int32_t find_day(const apl_calendar_year *table, int64_t open, bool less) {
	int32_t from = 0, count = table->days;
	while (count > 1) {
		int32_t half = count / 2;
		int64_t before = table->open_before[from + half];
		if (less ? before < open : before <= open) from += half;
		count -= half;
	}
	return from;
}

/* The earliest instant before which so much of the year is open; [open] more than nothing and no more than all. */
static aplomb_instant earliest_at(const apl_calendar *c, position p) {
	apl_open_piece pieces[APL_MOST_PIECES];
	apl_calendar_year spare;
	const apl_calendar_year *table = apl_calendar_year_of(c, p.year, &spare);
	int32_t day = find_day(table, p.open, true);
	int64_t rest = p.open - table->open_before[day];
	uint32_t count = apl_calendar_pieces(c, table->first + day, pieces), i = 0;
	while (i < count && rest > pieces[i].until - pieces[i].from) rest -= pieces[i].until - pieces[i].from, i++;
	APL_ASSERT(i < count);
	return pieces[i].from + rest;
}

/* The latest such instant: it is open. [open] less than all. */
static aplomb_instant latest_at(const apl_calendar *c, position p) {
	apl_open_piece pieces[APL_MOST_PIECES];
	apl_calendar_year spare;
	const apl_calendar_year *table = apl_calendar_year_of(c, p.year, &spare);
	int32_t day = find_day(table, p.open, false);
	int64_t rest = p.open - table->open_before[day];
	uint32_t count = apl_calendar_pieces(c, table->first + day, pieces), i = 0;
	while (i < count && rest >= pieces[i].until - pieces[i].from) rest -= pieces[i].until - pieces[i].from, i++;
	APL_ASSERT(i < count);
	return pieces[i].from + rest;
}

static int out_of_range(aplomb_instant from, const char *way, aplomb_error *error) {
	char text[APL_INSTANT_TEXT];
	apl_instant_write(from < APL_INSTANT_MIN ? APL_INSTANT_MIN : from > APL_INSTANT_MAX ? APL_INSTANT_MAX : from, text);
	return apl_fail(error, APLOMB_EREFUSED, "calendar-range",
	    "%s %s the calendar is not open for so long: calendars know the years %d to %d; give a shorter span, or a calendar that is open",
	    way, text, APL_ZONE_FIRST_YEAR, APL_ZONE_LAST_YEAR);
}

/* ---- open time ---------------------------------------------------------------- */

aplomb_span apl_calendar_between(const apl_calendar *c, aplomb_instant from, aplomb_instant to) {
	if (from > to) return -apl_calendar_between(c, to, from);
	position begin = position_of(c, from), end = position_of(c, to);
	aplomb_span open = end.open - begin.open;
	for (int32_t year = begin.year; year < end.year; year++) open += open_of_year(c, year);
	return open;
}

static int add_open(const apl_calendar *c, aplomb_instant from, aplomb_span span, aplomb_instant *out, aplomb_error *error) {
	position p = position_of(c, from);
	int64_t all = open_of_year(c, p.year);
	while (span > all - p.open) {
		span -= all - p.open;
		if (p.year == APL_ZONE_LAST_YEAR) return out_of_range(from, "from", error);
		p = (position){p.year + 1, 0};
		all = open_of_year(c, p.year);
	}
	p.open += span;
	*out = earliest_at(c, p);
	return APLOMB_OK;
}

static int subtract_open(const apl_calendar *c, aplomb_instant from, aplomb_span span, aplomb_instant *out, aplomb_error *error) {
	position p = position_of(c, from);
	while (span > p.open) {
		span -= p.open;
		if (p.year == APL_ZONE_FIRST_YEAR) return out_of_range(from, "before", error);
		p = (position){p.year - 1, open_of_year(c, p.year - 1)};
	}
	p.open -= span;
	*out = latest_at(c, p);
	return APLOMB_OK;
}

bool apl_calendar_opening(const apl_calendar *c, aplomb_instant at, aplomb_instant *out) {
	position p = position_of(c, at);
	while (p.open == open_of_year(c, p.year)) {
		if (p.year == APL_ZONE_LAST_YEAR) return false;
		p = (position){p.year + 1, 0};
	}
	*out = latest_at(c, p);
	return true;
}

bool apl_calendar_closing(const apl_calendar *c, aplomb_instant at, aplomb_instant *out) {
	position p = position_of(c, at);
	while (p.open == 0) {
		if (p.year == APL_ZONE_FIRST_YEAR) return false;
		p = (position){p.year - 1, open_of_year(c, p.year - 1)};
	}
	*out = earliest_at(c, p);
	return true;
}

/* ---- business days -------------------------------------------------------------- */

/* Where a wall time falls in a date's hours: at its place when it is open or an end, else moved. [back]: breaks lead to their beginning. */
static int64_t into_hours(const apl_open_hours *hours, uint32_t count, int64_t of_day, bool back) {
	int64_t closing = 0;
	for (uint32_t i = 0; i < count; i++) {
		int64_t from = hours[i].from * APL_MINUTE, until = hours[i].until * APL_MINUTE;
		if (of_day < from) return back && i > 0 ? closing : from;
		if (of_day < until) return of_day;
		/* The very end of hours is where a deadline may stand when nothing follows. */
		if (back && of_day == until) return of_day;
		closing = until;
	}
	return closing;
}

static bool is_known_date(apl_date date) {
	return date >= apl_wall_date(APL_ZONE_BEGIN) && date < apl_wall_date(APL_ZONE_END);
}

/* So many business days on from [date], which is one when [count] is 0; false when that leads out of the years known. */
static bool step_days(const apl_calendar *c, apl_date date, int64_t count, apl_date *out) {
	apl_calendar_year spare;
	int32_t year = apl_civil_of(date).year;
	const apl_calendar_year *table = apl_calendar_year_of(c, year, &spare);
	/* The one that is looked for has so many before it in its year. */
	int64_t before = table->business_before[date - table->first] + count;
	while (before < 0 || before >= table->business_before[table->days]) {
		if (before < 0) {
			if (--year < APL_ZONE_FIRST_YEAR) return false;
			table = apl_calendar_year_of(c, year, &spare);
			before += table->business_before[table->days];
		} else {
			before -= table->business_before[table->days];
			if (++year > APL_ZONE_LAST_YEAR) return false;
			table = apl_calendar_year_of(c, year, &spare);
		}
	}
	int32_t from = 0, days = table->days;
	while (days > 1) {
		int32_t half = days / 2;
		if (table->business_before[from + half] <= before) from += half;
		days -= half;
	}
	*out = table->first + from;
	return true;
}

/* From where business days are counted: a business day and a wall time within its hours. */
static bool begin_days(const apl_calendar *c, aplomb_instant at, bool back, apl_date *date, int64_t *of_day) {
	apl_wall wall = apl_zone_wall(&c->zone, at);
	*date = apl_wall_date(wall);
	*of_day = apl_wall_of_day(wall);
	if (!is_known_date(*date)) return false;
	uint32_t count;
	const apl_open_hours *hours = apl_calendar_hours(c, *date, &count);
	bool is_business = apl_calendar_is_business_day(c, *date);
	bool is_within = is_business && (back ? *of_day >= hours[0].from * APL_MINUTE : *of_day <= hours[count - 1].until * APL_MINUTE);
	if (!is_within) {
		/* Backwards from a day that is none, the one before it has one less before it. */
		if (!step_days(c, *date, back ? -1 : is_business ? 1 : 0, date)) return false;
		hours = apl_calendar_hours(c, *date, &count);
		*of_day = (back ? hours[count - 1].until : hours[0].from) * APL_MINUTE;
		return true;
	}
	*of_day = into_hours(hours, count, *of_day, back);
	return true;
}

static int step_business_days(
    const apl_calendar *c, aplomb_instant from, int64_t number, bool back, aplomb_instant *out, aplomb_error *error) {
	apl_date date;
	int64_t of_day;
	uint32_t count;
	const int64_t most = (int64_t)APL_CALENDAR_YEARS * 366;
	if (number > most || from < APL_ZONE_BEGIN || from >= APL_ZONE_END || !begin_days(c, from, back, &date, &of_day) ||
	    !step_days(c, date, back ? -number : number, &date))
		return out_of_range(from, back ? "before" : "from", error);
	const apl_open_hours *hours = apl_calendar_hours(c, date, &count);
	*out = apl_zone_instant(&c->zone, date * APL_DAY + into_hours(hours, count, of_day, back));
	return APLOMB_OK;
}

/* ---- both ------------------------------------------------------------------------- */

int apl_calendar_add(
    const apl_calendar *c, aplomb_instant from, aplomb_span span, apl_span_unit unit, aplomb_instant *out, aplomb_error *error) {
	APL_ASSERT(span >= 0);
	if (unit == APL_SPAN_CLOCK && span > APL_INSTANT_MAX - from) return out_of_range(from, "from", error);
	if (unit == APL_SPAN_CLOCK || span == 0) {
		*out = from + span;
		return APLOMB_OK;
	}
	if (unit == APL_SPAN_BUSINESS_DAYS) return step_business_days(c, from, span / APL_DAY, false, out, error);
	return add_open(c, from, span, out, error);
}

int apl_calendar_subtract(
    const apl_calendar *c, aplomb_instant from, aplomb_span span, apl_span_unit unit, aplomb_instant *out, aplomb_error *error) {
	APL_ASSERT(span >= 0);
	if (unit == APL_SPAN_CLOCK && span > from - APL_INSTANT_MIN) return out_of_range(from, "before", error);
	if (unit == APL_SPAN_CLOCK || span == 0) {
		*out = from - span;
		return APLOMB_OK;
	}
	if (unit == APL_SPAN_BUSINESS_DAYS) return step_business_days(c, from, span / APL_DAY, true, out, error);
	return subtract_open(c, from, span, out, error);
}
