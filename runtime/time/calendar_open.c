/* SPDX-License-Identifier: MIT */
/*
 * Decides when a calendar is open: the hours of a date, the open pieces of a
 * UTC day, and the tables that say how much of that lies in each year.
 */

#include "time/calendar_inside.h"

#include "base/assert.h"

const apl_special_day *apl_calendar_special(const apl_calendar *c, apl_date date) {
	uint32_t from = 0, until = c->n_used;
	while (from < until) {
		uint32_t middle = from + (until - from) / 2;
		if (c->days[middle].date == date) return &c->days[middle];
		if (c->days[middle].date < date)
			from = middle + 1;
		else
			until = middle;
	}
	return NULL;
}

const apl_open_hours *apl_calendar_hours(const apl_calendar *c, apl_date date, uint32_t *count) {
	const apl_special_day *special = apl_calendar_special(c, date);
	if (special != NULL) {
		*count = special->n_hours;
		return c->hours + special->first_hours;
	}
	int32_t weekday = apl_weekday_of(date);
	*count = c->n_week[weekday];
	return c->week[weekday];
}

static int64_t minutes(uint32_t count) {
	return count * APL_MINUTE;
}

/* Hours that go on where the last piece ended are one piece with it. */
static uint32_t add_piece(apl_open_piece *out, uint32_t count, aplomb_instant from, aplomb_instant until) {
	if (from >= until) return count;
	if (count > 0 && out[count - 1].until == from) {
		out[count - 1].until = until;
		return count;
	}
	APL_ASSERT(count < APL_MOST_PIECES);
	out[count] = (apl_open_piece){from, until};
	return count + 1;
}

static aplomb_instant later(aplomb_instant a, aplomb_instant b) {
	return a > b ? a : b;
}
static aplomb_instant earlier(aplomb_instant a, aplomb_instant b) {
	return a < b ? a : b;
}

uint32_t apl_calendar_pieces(const apl_calendar *c, apl_date day, apl_open_piece out[APL_MOST_PIECES]) {
	aplomb_instant begin = day * APL_DAY, end = begin + APL_DAY;
	uint32_t count = 0;
	if (begin < APL_ZONE_BEGIN || end > APL_ZONE_END) return 0;
	for (uint32_t i = apl_zone_find(&c->zone, begin); i < c->zone.count && c->zone.changes[i].at < end; i++) {
		/* While one offset holds, the wall is the instant and that offset: time there does not go back. */
		int64_t offset = c->zone.changes[i].offset;
		aplomb_instant from = later(begin, c->zone.changes[i].at), until = earlier(end, apl_zone_ends(&c->zone, i));
		apl_date last = apl_wall_date(until - 1 + offset);
		for (apl_date date = apl_wall_date(from + offset); date <= last; date++) {
			uint32_t n_hours;
			const apl_open_hours *hours = apl_calendar_hours(c, date, &n_hours);
			aplomb_instant midnight = date * APL_DAY - offset;
			for (uint32_t k = 0; k < n_hours; k++)
				count = add_piece(
				    out, count, later(from, midnight + minutes(hours[k].from)), earlier(until, midnight + minutes(hours[k].until)));
		}
	}
	return count;
}

bool apl_calendar_is_business_day(const apl_calendar *c, apl_date date) {
	uint32_t n_hours;
	const apl_open_hours *hours = apl_calendar_hours(c, date, &n_hours);
	if (n_hours == 0) return false;
	int64_t midnight = date * APL_DAY;
	uint32_t i = apl_zone_find(&c->zone, midnight - APL_ZONE_MOST_OFFSET * APL_SECOND);
	for (; i < c->zone.count && c->zone.changes[i].at <= midnight + APL_DAY + APL_ZONE_MOST_OFFSET * APL_SECOND; i++) {
		int64_t offset = c->zone.changes[i].offset;
		for (uint32_t k = 0; k < n_hours; k++) {
			aplomb_instant from = midnight + minutes(hours[k].from) - offset, until = midnight + minutes(hours[k].until) - offset;
			if (later(from, c->zone.changes[i].at) < earlier(until, apl_zone_ends(&c->zone, i))) return true;
		}
	}
	return false;
}

bool apl_calendar_is_open(const apl_calendar *c, aplomb_instant at) {
	if (at < APL_ZONE_BEGIN || at >= APL_ZONE_END) return false;
	apl_wall wall = apl_zone_wall(&c->zone, at);
	int64_t of_day = apl_wall_of_day(wall);
	uint32_t n_hours;
	const apl_open_hours *hours = apl_calendar_hours(c, apl_wall_date(wall), &n_hours);
	for (uint32_t i = 0; i < n_hours; i++) {
		if (of_day < minutes(hours[i].from)) return false;
		if (of_day < minutes(hours[i].until)) return true;
	}
	return false;
}

/* ---- a year's table ------------------------------------------------------------ */

static void fill_year(const apl_calendar *c, int32_t year, apl_calendar_year *out) {
	apl_open_piece pieces[APL_MOST_PIECES];
	int64_t open = 0;
	int16_t business = 0;
	out->first = apl_date_of(year, 1, 1);
	out->days = apl_is_leap_year(year) ? 366 : 365;
	for (int32_t day = 0; day < out->days; day++) {
		out->open_before[day] = open;
		out->business_before[day] = business;
		uint32_t count = apl_calendar_pieces(c, out->first + day, pieces);
		for (uint32_t i = 0; i < count; i++) open += pieces[i].until - pieces[i].from;
		if (apl_calendar_is_business_day(c, out->first + day)) business++;
	}
	out->open_before[out->days] = open;
	out->business_before[out->days] = business;
}

const apl_calendar_year *apl_calendar_year_of(const apl_calendar *c, int32_t year, apl_calendar_year *spare) {
	apl_calendar_year **kept = &c->years[year - APL_ZONE_FIRST_YEAR];
	if (*kept != NULL) return *kept;
	apl_calendar_year *made = apl_new(&c->alloc, sizeof *made);
	if (made == NULL) made = spare;
	fill_year(c, year, made);
	if (made != spare) *kept = made;
	return made;
}
