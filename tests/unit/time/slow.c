/* SPDX-License-Identifier: MIT */
#include "slow.h"

#include <stdlib.h>
#include <time.h>

#define MINUTE INT64_C(60000000)

static int32_t number_of_date(apl_date date) {
	time_t second = (time_t)date * 86400;
	struct tm tm;
	gmtime_r(&second, &tm);
	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

/* The hours of that date: an exception's, else none on a holiday, else those of the weekday (0: Sunday, as in struct tm). */
static const apl_open_hours *hours_of(const slow *s, int32_t date, int sunday_is_0, uint32_t *count) {
	const apl_special_day *found = NULL;
	for (uint32_t i = 0; i < s->parts->n_days; i++) {
		const apl_special_day *day = &s->parts->days[i];
		if (number_of_date(day->date) == date && (found == NULL || (day->is_exception && !found->is_exception))) found = day;
	}
	int weekday = (sunday_is_0 + 6) % 7;
	*count = found != NULL ? found->n_hours : s->parts->n_week[weekday];
	return found != NULL ? s->parts->hours + found->first_hours : s->parts->week[weekday];
}

static int weekday_of(int32_t date) {
	struct tm tm = {.tm_year = date / 10000 - 1900, .tm_mon = date / 100 % 100 - 1, .tm_mday = date % 100, .tm_hour = 12};
	time_t noon = timegm(&tm);
	gmtime_r(&noon, &tm);
	return tm.tm_wday;
}

slow *slow_new(const char *zone, const apl_calendar_parts *parts, aplomb_instant begin, int32_t minutes) {
	slow *s = malloc(sizeof *s);
	*s = (slow){zone, parts, begin, minutes, malloc((size_t)minutes * sizeof(bool)), malloc((size_t)minutes * sizeof(int32_t)),
	    malloc((size_t)minutes * sizeof(int16_t))};
	setenv("TZ", zone, 1);
	tzset();
	int32_t date = 0;
	uint32_t n_hours = 0;
	const apl_open_hours *hours = NULL;
	for (int32_t i = 0; i < minutes; i++) {
		time_t second = (time_t)(begin / 1000000 + (int64_t)i * 60);
		struct tm tm;
		localtime_r(&second, &tm);
		s->date[i] = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
		s->wall[i] = (int16_t)(tm.tm_hour * 60 + tm.tm_min);
		if (s->date[i] != date) hours = hours_of(s, date = s->date[i], tm.tm_wday, &n_hours);
		s->is_open[i] = false;
		for (uint32_t k = 0; k < n_hours; k++) {
			if (s->wall[i] >= hours[k].from && s->wall[i] < hours[k].until) s->is_open[i] = true;
		}
	}
	return s;
}

void slow_free(slow *s) {
	free(s->is_open);
	free(s->date);
	free(s->wall);
	free(s);
}

static int32_t minute_of(const slow *s, aplomb_instant at) {
	return (int32_t)((at - s->begin) / MINUTE);
}

static aplomb_instant begins(const slow *s, int32_t minute) {
	return s->begin + minute * MINUTE;
}

bool slow_is_open(const slow *s, aplomb_instant at) {
	return s->is_open[minute_of(s, at)];
}

bool slow_add(const slow *s, aplomb_instant from, aplomb_span span, aplomb_instant *out) {
	aplomb_instant at = from;
	for (int32_t i = minute_of(s, from); i < s->count; i++) {
		aplomb_span left = begins(s, i + 1) - at;
		if (s->is_open[i] && span <= left) {
			*out = at + span;
			return true;
		}
		if (s->is_open[i]) span -= left;
		at = begins(s, i + 1);
	}
	return false;
}

bool slow_subtract(const slow *s, aplomb_instant from, aplomb_span span, aplomb_instant *out) {
	aplomb_instant at = from;
	for (int32_t i = minute_of(s, from); i >= 0; i--) {
		aplomb_span left = at - begins(s, i);
		/* Not at its very end: later than that is an instant from which no less passes. */
		if (s->is_open[i] && left > 0 && span <= left) {
			if (span > 0) {
				*out = at - span;
				return true;
			}
		}
		if (s->is_open[i]) span -= left;
		if (span == 0 && s->is_open[i]) { /* what was taken away ends where this minute begins, which is open */
			*out = begins(s, i);
			return true;
		}
		at = begins(s, i);
	}
	return false;
}

aplomb_span slow_between(const slow *s, aplomb_instant from, aplomb_instant to) {
	aplomb_span open = 0;
	for (int32_t i = minute_of(s, from); i < s->count && begins(s, i) < to; i++) {
		aplomb_instant a = begins(s, i) > from ? begins(s, i) : from, b = begins(s, i + 1) < to ? begins(s, i + 1) : to;
		if (s->is_open[i]) open += b - a;
	}
	return open;
}

bool slow_next(const slow *s, aplomb_instant at, bool open, aplomb_instant *out) {
	for (int32_t i = minute_of(s, at); i < s->count; i++) {
		if (s->is_open[i] != open) continue;
		*out = begins(s, i) > at ? begins(s, i) : at;
		return true;
	}
	return false;
}

bool slow_previous(const slow *s, aplomb_instant at, bool open, aplomb_instant *out) {
	for (int32_t i = minute_of(s, at); i > 0; i--) {
		if (s->is_open[i] != open || s->is_open[i - 1] == open) continue;
		*out = begins(s, i);
		return true;
	}
	return false;
}

/* ---- days -------------------------------------------------------------------- */

/* The n-th date with an open minute behind (before, when negative) [date]; 0: of those that follow, [date] itself first. */
static int32_t business_date(const slow *s, int32_t date, int32_t n, bool from_itself) {
	int32_t last = 0;
	if (n >= 0) {
		for (int32_t i = 0; i < s->count; i++) {
			if (!s->is_open[i] || s->date[i] < date || (s->date[i] == date && !from_itself) || s->date[i] <= last) continue;
			last = s->date[i];
			if (n-- == 0) return last;
		}
		return 0;
	}
	last = INT32_MAX;
	for (int32_t i = s->count - 1; i >= 0; i--) {
		if (!s->is_open[i] || s->date[i] >= date || s->date[i] >= last) continue;
		last = s->date[i];
		if (++n == 0) return last;
	}
	return 0;
}

static bool is_business(const slow *s, int32_t date) {
	return business_date(s, date, 0, true) == date;
}

/* The first instant at which a clock there shows that date and time, or a later one. */
static bool instant_of(const slow *s, int32_t date, int64_t of_day, aplomb_instant *out) {
	int32_t minute = (int32_t)(of_day / MINUTE);
	bool is_next_day = minute == 1440;
	for (int32_t i = 0; i < s->count; i++) {
		bool later = s->date[i] > date || (!is_next_day && s->date[i] == date && s->wall[i] > minute);
		bool same = !is_next_day && s->date[i] == date && s->wall[i] == minute;
		if (!later && !same) continue;
		/* Dates outside of the window are not looked for. */
		*out = begins(s, i) + (same ? of_day % MINUTE : 0);
		return i > 0;
	}
	return false;
}

static int64_t moved(const slow *s, int32_t date, int64_t of_day, bool back) {
	uint32_t count;
	const apl_open_hours *hours = hours_of(s, date, weekday_of(date), &count);
	int64_t opening = hours[0].from * MINUTE, closing = hours[count - 1].until * MINUTE;
	if (of_day < opening) return opening;
	if (of_day > closing) return closing;
	for (uint32_t i = 0; i < count; i++) {
		bool inside = of_day >= hours[i].from * MINUTE && of_day < hours[i].until * MINUTE;
		bool at_end = of_day == hours[i].until * MINUTE && (back || i + 1 == count);
		if (inside || at_end) return of_day;
	}
	for (uint32_t i = 0; i + 1 < count; i++) {
		if (of_day >= hours[i].until * MINUTE && of_day < hours[i + 1].from * MINUTE)
			return back ? hours[i].until * MINUTE : hours[i + 1].from * MINUTE;
	}
	abort();
}

static bool step(const slow *s, aplomb_instant from, int32_t days, bool back, aplomb_instant *out) {
	int32_t i = minute_of(s, from), date = s->date[i];
	int64_t of_day = s->wall[i] * MINUTE + (from - begins(s, i));
	uint32_t count;
	const apl_open_hours *hours = hours_of(s, date, weekday_of(date), &count);
	if (!is_business(s, date) || (!back && of_day > hours[count - 1].until * MINUTE) || (back && of_day < hours[0].from * MINUTE)) {
		date = business_date(s, date, back ? -1 : 0, false);
		if (date == 0) return false;
		hours = hours_of(s, date, weekday_of(date), &count);
		of_day = (back ? hours[count - 1].until : hours[0].from) * MINUTE;
	} else {
		of_day = moved(s, date, of_day, back);
	}
	date = back ? business_date(s, date, -days, true) : business_date(s, date, days, true);
	return date != 0 && instant_of(s, date, moved(s, date, of_day, back), out);
}

bool slow_add_days(const slow *s, aplomb_instant from, int32_t days, aplomb_instant *out) {
	return step(s, from, days, false, out);
}

bool slow_subtract_days(const slow *s, aplomb_instant from, int32_t days, aplomb_instant *out) {
	return step(s, from, days, true, out);
}
