/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_DATE_H
#define APL_TIME_DATE_H

/*
 * Dates as numbers: days since 1970-01-01 of the proleptic Gregorian calendar,
 * and back. No zone, no clock, no locale. The algorithm counts from March, so
 * that the leap day is the last of its year, in cycles of 400 years.
 */

#include <stdbool.h>
#include <stdint.h>

typedef int32_t apl_date; /* days since 1970-01-01 */

typedef struct apl_civil {
	int32_t year;
	int32_t month; /* 1 to 12 */
	int32_t day;   /* 1 to 31 */
} apl_civil;

static inline apl_date apl_date_of(int32_t year, int32_t month, int32_t day) {
	int32_t y = month <= 2 ? year - 1 : year;
	int32_t cycle = (y >= 0 ? y : y - 399) / 400;
	int32_t of_cycle = y - cycle * 400;
	int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return cycle * 146097 + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719468;
}

static inline apl_civil apl_civil_of(apl_date date) {
	int32_t shifted = date + 719468;
	int32_t cycle = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int32_t of_cycle = shifted - cycle * 146097;
	int32_t year = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
	int32_t of_year = of_cycle - (365 * year + year / 4 - year / 100);
	int32_t month = (5 * of_year + 2) / 153;
	apl_civil civil = {
	    .year = year + cycle * 400,
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = of_year - (153 * month + 2) / 5 + 1,
	};
	if (civil.month <= 2) civil.year++;
	return civil;
}

/* 0: Monday. */
static inline int32_t apl_weekday_of(apl_date date) {
	int32_t of_week = (date + 3) % 7;
	return of_week < 0 ? of_week + 7 : of_week;
}

static inline bool apl_is_leap_year(int32_t year) {
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int32_t apl_days_of_month(int32_t year, int32_t month) {
	static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && apl_is_leap_year(year) ? 1 : 0);
}

#endif
