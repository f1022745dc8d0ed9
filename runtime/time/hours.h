/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_HOURS_H
#define APL_TIME_HOURS_H

/*
 * What a calendar is written of: days of the week, hours of a day, dates, the
 * name of a zone. Only their form is looked at; what is counted with them is
 * decided in calendar.h.
 */

#include "base/error.h"
#include "time/date.h"

#define APL_MOST_HOURS 16
#define APL_WEEK_DAYS 7

/* "mon" … "sun". */
extern const char *const apl_day_names[APL_WEEK_DAYS];

/* "sat", or "mon-fri": a bit a day, Monday lowest. EINVAL, slug calendar-day, with the nearest name. */
int apl_days_read(const char *text, size_t size, uint8_t *out, aplomb_error *error);

/* Minutes of the day, [from] before [until]; 24:00 ends a day. */
typedef struct apl_open_hours {
	uint16_t from, until;
} apl_open_hours;
/* "09:00-12:30 13:30-17:30": in order, not overlapping. [out] holds APL_MOST_HOURS. EINVAL, slug calendar-hours. */
int apl_hours_read(const char *text, size_t size, apl_open_hours *out, uint32_t *count, aplomb_error *error);

/* "2026-12-25", a day that there is. EINVAL, slug calendar-date. */
int apl_date_read(const char *text, size_t size, apl_date *out, aplomb_error *error);

/* "Europe/London", "UTC": of the form of IANA's names; whether there is such a zone is not asked here. EINVAL, slug calendar-zone. */
int apl_zone_check(const char *text, size_t size, aplomb_error *error);

#endif
