/* SPDX-License-Identifier: MIT */
/*
 * Calendars against a slow one that looks at every minute: random calendars,
 * instants and spans in zones that are hard, and what happens around every
 * change of the clocks. APLOMB_CALENDAR_ROUNDS sets how many questions are
 * compared (left out: some ten thousand); APLOMB_CALENDAR_ZONES=all takes every
 * zone that this machine has instead of the hard ones.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "base/hash.h"
#include "slow.h"

static const char *const hard_zones[] = {"Africa/Casablanca", "Asia/Tehran", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Europe/London", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Asia/Gaza", "Europe/Dublin",
    "America/Caracas", "Asia/Pyongyang", "Antarctica/Troll", "Pacific/Kwajalein", "Asia/Amman", "America/Havana", "UTC", "Pacific/Chatham"};
enum { HARD_ZONES = sizeof hard_zones / sizeof hard_zones[0], MOST_ZONES = 700, MOST_DAYS = 40 };

static uint64_t seed = 20261125;

/* 0 to [below] - 1. */
static int64_t any(int64_t below) {
	return (int64_t)(apl_random_next(&seed) % (uint64_t)below);
}

static int64_t number_of(const char *variable, int64_t otherwise) {
	const char *text = getenv(variable);
	return text != NULL ? strtoll(text, NULL, 10) : APL_ROUNDS(otherwise, otherwise / 20);
}

/* ---- random calendars ------------------------------------------------------------ */

typedef struct world {
	apl_zone zone;
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS];
	apl_special_day days[MOST_DAYS];
	apl_open_hours hours[MOST_DAYS * 4];
	apl_calendar_parts parts;
	apl_calendar *calendar;
	slow *slow;
} world;

static int compare_minutes(const void *a, const void *b) {
	return *(const int *)a - *(const int *)b;
}

static uint32_t any_hours(apl_open_hours *out) {
	static const int steps[] = {1, 5, 15, 30, 60};
	int edges[8], step = steps[any(5)];
	uint32_t count = (uint32_t)any(4) + 1;
	for (uint32_t i = 0; i < 2 * count; i++) edges[i] = (int)any(1440 / step + 1) * step;
	if (any(4) == 0) edges[0] = 0;
	if (any(4) == 0) edges[1] = 1440;
	qsort(edges, 2 * count, sizeof *edges, compare_minutes);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (edges[2 * i] < edges[2 * i + 1]) out[kept++] = (apl_open_hours){(uint16_t)edges[2 * i], (uint16_t)edges[2 * i + 1]};
	}
	return kept;
}

static void make_calendar(world *w, const char *zone, aplomb_instant begin, int32_t minutes) {
	const apl_alloc alloc = apl_alloc_system();
	memset(w, 0, sizeof *w);
	assert_int_equal(apl_zone_load(&w->zone, &alloc, zone, strlen(zone), NULL), APLOMB_OK);
	bool always = any(10) == 0, office = any(4) == 0;
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		if (always || office)
			w->n_week[i] = always || i < 5, w->week[i][0] = always ? (apl_open_hours){0, 1440} : (apl_open_hours){480, 1020};
		else if (any(4) > 0)
			w->n_week[i] = any_hours(w->week[i]);
	}
	uint32_t n_days = (uint32_t)any(MOST_DAYS), n_hours = 0;
	for (uint32_t i = 0; i < n_days; i++) {
		apl_special_day *day = &w->days[i];
		*day = (apl_special_day){
		    .date = (apl_date)(begin / APL_DAY + any(minutes / 1440 + 2)), .is_exception = any(2) == 0, .first_hours = n_hours};
		if (!day->is_exception) day->name = any(2) == 0 ? "a holiday" : NULL;
		for (uint32_t k = 0; k < i && day->is_exception; k++) day->is_exception = w->days[k].date != day->date; /* one a date */
		if (day->is_exception && any(3) > 0) day->n_hours = any_hours(w->hours + n_hours);
		n_hours += day->n_hours;
	}
	w->parts =
	    (apl_calendar_parts){&w->zone, (const apl_open_hours(*)[APL_MOST_HOURS])w->week, w->n_week, w->days, n_days, w->hours, n_hours};
	assert_int_equal(apl_calendar_new(&w->calendar, &alloc, &w->parts, NULL), APLOMB_OK);
	w->slow = slow_new(zone, &w->parts, begin, minutes);
}

static void free_calendar(world *w) {
	slow_free(w->slow);
	apl_calendar_free(w->calendar);
	apl_zone_dispose(&w->zone);
}

/* ---- comparing ------------------------------------------------------------------- */

typedef struct counts {
	int64_t compared, there_and_back;
} counts;

static void differ(const world *w, const char *what, aplomb_instant from, int64_t span, aplomb_instant is, aplomb_instant expected) {
	char a[APL_INSTANT_TEXT], b[APL_INSTANT_TEXT], c[APL_INSTANT_TEXT], d[APL_INSTANT_TEXT];
	size_t size;
	apl_instant_write(from, a);
	apl_instant_write(is, b);
	apl_instant_write(expected, c);
	apl_span_write(span, d);
	fail_msg("%s: %s and %s is %s, but counted minute by minute %s; the calendar is %s", what, a, d, b, c,
	    apl_calendar_text(w->calendar, &size));
}

static void compare_moves(const world *w, aplomb_instant from, counts *n) {
	static const int64_t units[] = {APL_MINUTE, 15 * APL_MINUTE, APL_HOUR, APL_SECOND};
	const apl_calendar *c = w->calendar;
	aplomb_span span = (any(40) + 1) * units[any(4)];
	int32_t days = (int32_t)any(12) + 1;
	aplomb_instant is, expected, back;
	if (slow_add(w->slow, from, span, &expected)) {
		assert_int_equal(apl_calendar_add(c, from, span, APL_SPAN_BUSINESS_MINUTES, &is, NULL), APLOMB_OK);
		if (is != expected) differ(w, "add", from, span, is, expected);
		n->compared++;
		if (slow_is_open(w->slow, from)) {
			assert_int_equal(apl_calendar_subtract(c, is, span, APL_SPAN_BUSINESS_MINUTES, &back, NULL), APLOMB_OK);
			if (back != from) differ(w, "there and back", is, span, back, from);
			n->there_and_back++;
		}
	}
	if (slow_subtract(w->slow, from, span, &expected)) {
		assert_int_equal(apl_calendar_subtract(c, from, span, APL_SPAN_BUSINESS_MINUTES, &is, NULL), APLOMB_OK);
		if (is != expected) differ(w, "subtract", from, span, is, expected);
		n->compared++;
	}
	if (any(4) > 0) return; /* days are slow to count */
	if (slow_add_days(w->slow, from, days, &expected)) {
		assert_int_equal(apl_calendar_add(c, from, days * APL_DAY, APL_SPAN_BUSINESS_DAYS, &is, NULL), APLOMB_OK);
		if (is != expected) differ(w, "add days", from, days * APL_DAY, is, expected);
		n->compared++;
	}
	if (slow_subtract_days(w->slow, from, days, &expected)) {
		assert_int_equal(apl_calendar_subtract(c, from, days * APL_DAY, APL_SPAN_BUSINESS_DAYS, &is, NULL), APLOMB_OK);
		if (is != expected) differ(w, "subtract days", from, days * APL_DAY, is, expected);
		n->compared++;
	}
}

static void compare_looks(const world *w, aplomb_instant from, aplomb_instant to, counts *n) {
	const apl_calendar *c = w->calendar;
	aplomb_instant is, expected;
	assert_int_equal(apl_calendar_is_open(c, from), slow_is_open(w->slow, from));
	aplomb_span open = slow_between(w->slow, from, to);
	if (apl_calendar_between(c, from, to) != open) differ(w, "between", from, to - from, apl_calendar_between(c, from, to), open);
	assert_true(apl_calendar_between(c, to, from) == -open);
	n->compared += 2;
	for (int open_or_not = 0; open_or_not < 2; open_or_not++) {
		bool wanted = open_or_not == 1;
		if (slow_next(w->slow, from, wanted, &expected)) {
			assert_true(apl_calendar_next(c, from, wanted, &is));
			if (is != expected) differ(w, wanted ? "next opening" : "next closing", from, 0, is, expected);
			n->compared++;
		}
		if (slow_previous(w->slow, from, wanted, &expected)) {
			assert_true(apl_calendar_previous(c, from, wanted, &is));
			if (is != expected) differ(w, wanted ? "opened before" : "closed before", from, 0, is, expected);
			n->compared++;
		}
	}
	apl_calendar_stretch stretch;
	apl_calendar_stretch_at(c, from, &stretch);
	assert_true(stretch.from <= from && from < stretch.until);
	assert_int_equal(stretch.reason == APL_CALENDAR_OPEN, slow_is_open(w->slow, from));
	aplomb_instant last = w->slow->begin + w->slow->count * APL_MINUTE;
	for (aplomb_instant at = stretch.from > w->slow->begin ? stretch.from : w->slow->begin; at < stretch.until && at < last;
	     at += APL_MINUTE)
		assert_int_equal(slow_is_open(w->slow, at), stretch.reason == APL_CALENDAR_OPEN);
}

static void compare(const world *w, int32_t questions, counts *n) {
	for (int32_t i = 0; i < questions; i++) {
		aplomb_instant from = w->slow->begin + any(w->slow->count) * APL_MINUTE;
		if (any(3) == 0) from += any(60) * APL_SECOND;
		aplomb_instant to = from + any(w->slow->begin + w->slow->count * APL_MINUTE - from);
		compare_moves(w, from, n);
		if (i % 4 == 0) compare_looks(w, from, to, n);
	}
}

/* ---- the tests -------------------------------------------------------------------- */

static void random_calendars_count_as_somebody_with_time_does(void **state) {
	(void)state;
	const int64_t wanted = number_of("APLOMB_CALENDAR_ROUNDS", 20000);
	const int32_t minutes = 60 * 1440;
	counts n = {0, 0};
	int64_t calendars = 0;
	for (; n.compared < wanted; calendars++) {
		world w;
		const char *zone = hard_zones[any(HARD_ZONES)];
		int32_t year = 2000 + (int32_t)any(41);
		aplomb_instant begin = apl_date_of(year, 1, 1) * APL_DAY + any(365) * APL_DAY;
		if (any(2) == 0) { /* around a change of the clocks */
			apl_zone known;
			const apl_alloc alloc = apl_alloc_system();
			assert_int_equal(apl_zone_load(&known, &alloc, zone, strlen(zone), NULL), APLOMB_OK);
			uint32_t change = apl_zone_find(&known, begin);
			if (change > 0) begin = (known.changes[change].at / APL_DAY - any(55)) * APL_DAY;
			apl_zone_dispose(&known);
		}
		make_calendar(&w, zone, begin, minutes);
		compare(&w, 120, &n);
		free_calendar(&w);
	}
	print_message("%lld questions of %lld random calendars, %lld of them there and back: no difference\n", (long long)n.compared,
	    (long long)calendars, (long long)n.there_and_back);
}

static uint32_t zones_to_try(char names[MOST_ZONES][65]) {
	const char *which = getenv("APLOMB_CALENDAR_ZONES");
	if (which == NULL || strcmp(which, "all") != 0) {
		for (uint32_t i = 0; i < HARD_ZONES; i++) strcpy(names[i], hard_zones[i]);
		return HARD_ZONES;
	}
	FILE *all = popen(
	    "cd /usr/share/zoneinfo && find Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific -type f | sort",
	    "r");
	assert_non_null(all);
	uint32_t count = 0;
	while (count < MOST_ZONES && fscanf(all, "%64s", names[count]) == 1) count++;
	assert_int_equal(pclose(all), 0);
	assert_true(count > 300 && count < MOST_ZONES);
	return count;
}

static void every_change_of_the_clocks_counts_as_it_is_shown(void **state) {
	(void)state;
	static char names[MOST_ZONES][65];
	const apl_alloc alloc = apl_alloc_system();
	const uint32_t n_zones = zones_to_try(names), each = APL_STRIDE(37);
	counts n = {0, 0};
	int64_t changes = 0;
	for (uint32_t i = 0; i < n_zones; i++) {
		apl_zone zone;
		assert_int_equal(apl_zone_load(&zone, &alloc, names[i], strlen(names[i]), NULL), APLOMB_OK);
		for (uint32_t k = 1; k < zone.count; k += each) {
			aplomb_instant at = zone.changes[k].at;
			if (at < apl_date_of(2000, 1, 1) * APL_DAY || at >= apl_date_of(2041, 1, 1) * APL_DAY) continue;
			world w;
			make_calendar(&w, names[i], (at / APL_DAY - 2) * APL_DAY, 5 * 1440);
			compare(&w, 12, &n);
			free_calendar(&w);
			changes++;
		}
		apl_zone_dispose(&zone);
	}
	print_message("%lld changes of %u zones, 2000 to 2040: %lld questions, %lld there and back: no difference\n", (long long)changes,
	    n_zones, (long long)n.compared, (long long)n.there_and_back);
	assert_true(changes > 0 && n.compared > changes);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_calendars_count_as_somebody_with_time_does),
	    cmocka_unit_test(every_change_of_the_clocks_counts_as_it_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
