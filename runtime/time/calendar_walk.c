/* SPDX-License-Identifier: MIT */
/*
 * Decides what the time around an instant is called: where the next opening
 * and closing are, and which stretch, open or closed and why, it lies in.
 */

#include "time/calendar_count.h"

static aplomb_instant earlier(aplomb_instant a, aplomb_instant b) {
	return a < b ? a : b;
}
static aplomb_instant later(aplomb_instant a, aplomb_instant b) {
	return a > b ? a : b;
}

/* The piece of its UTC day that the open instant [at] lies in. */
static apl_open_piece piece_of(const apl_calendar *c, aplomb_instant at) {
	apl_open_piece pieces[APL_MOST_PIECES];
	uint32_t count = apl_calendar_pieces(c, apl_wall_date(at), pieces), i = 0;
	while (i + 1 < count && pieces[i].until <= at) i++;
	return pieces[i];
}

/* Where the open time that [at] lies in ends, and where it began. */
static aplomb_instant end_of_open(const apl_calendar *c, aplomb_instant at) {
	while (apl_calendar_is_open(c, at)) at = piece_of(c, at).until;
	return at;
}

static aplomb_instant beginning_of_open(const apl_calendar *c, aplomb_instant at) {
	at = piece_of(c, at).from;
	while (apl_calendar_is_open(c, at - 1)) at = piece_of(c, at - 1).from;
	return at;
}

bool apl_calendar_next(const apl_calendar *c, aplomb_instant at, bool open, aplomb_instant *out) {
	if (apl_calendar_is_open(c, at) == open) {
		*out = at;
		return true;
	}
	if (!open) {
		*out = end_of_open(c, at);
		return *out < APL_ZONE_END;
	}
	return at < APL_ZONE_END && apl_calendar_opening(c, at, out);
}

bool apl_calendar_previous(const apl_calendar *c, aplomb_instant at, bool open, aplomb_instant *out) {
	bool is_open = apl_calendar_is_open(c, at);
	aplomb_instant found = at;
	if (is_open) found = beginning_of_open(c, at);
	if (is_open && open) {
		*out = found;
		return true;
	}
	if (!apl_calendar_closing(c, found, &found)) return false;
	if (open) found = beginning_of_open(c, found - 1);
	*out = found;
	return true;
}

/* ---- stretches ------------------------------------------------------------------ */

static apl_calendar_reason reason_at(const apl_calendar *c, aplomb_instant at, const char **name) {
	*name = NULL;
	if (apl_calendar_is_open(c, at)) return APL_CALENDAR_OPEN;
	const apl_special_day *special = apl_calendar_special(c, apl_wall_date(apl_zone_wall(&c->zone, at)));
	if (special == NULL) return APL_CALENDAR_CLOSED;
	*name = special->name;
	return special->is_exception ? APL_CALENDAR_EXCEPTION : APL_CALENDAR_HOLIDAY;
}

/* The time around [at] in which a clock on the wall shows one date and is not put on or back. */
static apl_open_piece date_around(const apl_calendar *c, aplomb_instant at) {
	uint32_t i = apl_zone_find(&c->zone, at);
	int64_t offset = c->zone.changes[i].offset;
	aplomb_instant midnight = apl_wall_date(at + offset) * APL_DAY - offset;
	return (apl_open_piece){later(midnight, c->zone.changes[i].at), earlier(midnight + APL_DAY, apl_zone_ends(&c->zone, i))};
}

/* Longer than any stretch that is not for ever; a bound, so that one is. */
enum { MOST_DATES = 400 };

void apl_calendar_stretch_at(const apl_calendar *c, aplomb_instant at, apl_calendar_stretch *out) {
	out->reason = reason_at(c, at, &out->name);
	bool is_open = out->reason == APL_CALENDAR_OPEN;
	aplomb_instant from, until;
	if (at < APL_ZONE_BEGIN) {
		*out = (apl_calendar_stretch){APL_INSTANT_MIN, APL_ZONE_BEGIN, APL_CALENDAR_CLOSED, NULL};
		return;
	}
	if (at >= APL_ZONE_END) {
		*out = (apl_calendar_stretch){APL_ZONE_END, APL_INSTANT_MAX, APL_CALENDAR_CLOSED, NULL};
		return;
	}
	if (!apl_calendar_previous(c, at, is_open, &from)) from = APL_ZONE_BEGIN;
	if (!apl_calendar_next(c, at, !is_open, &until)) until = APL_ZONE_END;
	out->from = from;
	out->until = until;
	if (is_open) return;
	const char *name;
	apl_open_piece begins = date_around(c, at), ends = begins;
	for (int i = 0; i < MOST_DATES && begins.from > from && reason_at(c, begins.from - 1, &name) == out->reason && name == out->name; i++)
		begins = date_around(c, begins.from - 1);
	for (int i = 0; i < MOST_DATES && ends.until < until && reason_at(c, ends.until, &name) == out->reason && name == out->name; i++)
		ends = date_around(c, ends.until);
	out->from = later(from, begins.from);
	out->until = earlier(until, ends.until);
}

void apl_calendar_day_of(const apl_calendar *c, apl_date date, apl_calendar_day *out) {
	const apl_special_day *special = apl_calendar_special(c, date);
	*out = (apl_calendar_day){
	    .reason = APL_CALENDAR_OPEN, .name = special != NULL ? special->name : NULL, .source = special != NULL ? special->source : NULL};
	out->hours = apl_calendar_hours(c, date, &out->n_hours);
	if (special != NULL)
		out->reason = special->is_exception ? APL_CALENDAR_EXCEPTION : APL_CALENDAR_HOLIDAY;
	else if (out->n_hours == 0)
		out->reason = APL_CALENDAR_CLOSED;
	uint32_t i = apl_zone_find(&c->zone, date * APL_DAY - APL_ZONE_MOST_OFFSET * APL_SECOND);
	for (i++; i < c->zone.count && c->zone.changes[i].at <= (date + 1) * APL_DAY + APL_ZONE_MOST_OFFSET * APL_SECOND; i++) {
		int64_t before = c->zone.changes[i - 1].offset;
		if (apl_wall_date(c->zone.changes[i].at + before) == date) out->jump += c->zone.changes[i].offset - before;
	}
}
