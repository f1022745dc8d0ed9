/* SPDX-License-Identifier: MIT */
/*
 * What it costs to add a business span that goes across a year with holidays,
 * in calls of localtime_r: both are done in turns, so that the ratio is of one
 * run. The bar is 10.
 *
 *   bench_calendar [ROUNDS] [ADDITIONS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "measure.h"
#include "time/calendar.h"

enum { MOST_ROUNDS = 99, HOLIDAYS = 10 };

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Monday to Friday with a break, Saturdays until two, ten holidays a year for a century. */
static apl_calendar *make(void) {
	static apl_special_day days[HOLIDAYS * 100];
	const apl_alloc alloc = apl_alloc_system();
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS] = {{{0, 0}}};
	uint32_t n_week[APL_WEEK_DAYS] = {2, 2, 2, 2, 2, 1, 0}, n_days = 0;
	for (int i = 0; i < 5; i++) {
		week[i][0] = (apl_open_hours){540, 750};
		week[i][1] = (apl_open_hours){810, 1050};
	}
	week[5][0] = (apl_open_hours){600, 840};
	for (int32_t year = 2000; year < 2100; year++) {
		for (int32_t i = 0; i < HOLIDAYS; i++)
			days[n_days++] = (apl_special_day){.date = apl_date_of(year, 1 + i, 1 + i * 2), .name = "a holiday"};
	}
	apl_zone zone;
	apl_calendar *calendar = NULL;
	aplomb_error error;
	if (apl_zone_load(&zone, &alloc, "Europe/London", 13, &error) != APLOMB_OK) {
		fprintf(stderr, "bench_calendar: %s\n", error.message);
		exit(1);
	}
	const apl_calendar_parts parts = {&zone, (const apl_open_hours(*)[APL_MOST_HOURS])week, n_week, days, n_days, NULL, 0};
	if (apl_calendar_new(&calendar, &alloc, &parts, &error) != APLOMB_OK) exit(1);
	apl_zone_dispose(&zone);
	return calendar;
}

int main(int argc, char **argv) {
	int rounds = argc > 1 ? atoi(argv[1]) : 9;
	int64_t count = argc > 2 ? atoll(argv[2]) : 1000000;
	if (rounds < 1 || rounds > MOST_ROUNDS || count < 1) {
		fprintf(stderr, "usage: bench_calendar [ROUNDS] [ADDITIONS]\n");
		return 2;
	}
	setenv("TZ", "Europe/London", 1);
	tzset();
	apl_calendar *calendar = make();
	const aplomb_instant begin = apl_date_of(2026, 1, 1) * APL_DAY;
	double ratio[3][MOST_ROUNDS], local[MOST_ROUNDS];
	static const struct {
		const char *name;
		aplomb_span span;
		apl_span_unit unit;
	} spans[3] = {{"2000 business hours (a year)", 2000 * APL_HOUR, APL_SPAN_BUSINESS_HOURS},
	    {"4 business hours", 4 * APL_HOUR, APL_SPAN_BUSINESS_HOURS}, {"250 business days", 250 * APL_DAY, APL_SPAN_BUSINESS_DAYS}};
	int64_t sum = 0;
	for (int round = 0; round < rounds; round++) {
		uint64_t seed = (uint64_t)round;
		double before = cpu_seconds();
		for (int64_t i = 0; i < count; i++) {
			time_t second = (time_t)((begin + (int64_t)(apl_random_next(&seed) % (uint64_t)(365 * APL_DAY))) / APL_SECOND);
			struct tm tm;
			localtime_r(&second, &tm);
			sum += tm.tm_hour;
		}
		local[round] = cpu_seconds() - before;
		for (int k = 0; k < 3; k++) {
			seed = (uint64_t)round;
			before = cpu_seconds();
			for (int64_t i = 0; i < count; i++) {
				aplomb_instant from = begin + (int64_t)(apl_random_next(&seed) % (uint64_t)(365 * APL_DAY)), until;
				if (apl_calendar_add(calendar, from, spans[k].span, spans[k].unit, &until, NULL) != APLOMB_OK) return 1;
				sum += until;
			}
			ratio[k][round] = (cpu_seconds() - before) / local[round];
		}
	}
	qsort(local, (size_t)rounds, sizeof *local, compare);
	printf("Adding business time, in calls of localtime_r (median of %d rounds; one call: %.0f ns; bar: 10)\n", rounds,
	    local[rounds / 2] / (double)count * 1e9);
	bool is_over = false;
	for (int k = 0; k < 3; k++) {
		qsort(ratio[k], (size_t)rounds, sizeof *ratio[k], compare);
		printf("  %-30s %5.2f\n", spans[k].name, ratio[k][rounds / 2]);
		is_over = is_over || ratio[k][rounds / 2] > 10;
	}
	apl_calendar_free(calendar);
	if (sum == 0) printf("nothing was added\n");
	return is_over ? 1 : 0;
}
