/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's calendars are handed to its host. What they answer
 * is decided in room time.
 */
#include <string.h>

#include "api/runtime.h"
#include "base/assert.h"

static const apl_calendar *inner(const aplomb_calendar *calendar) {
	return (const apl_calendar *)calendar;
}

static const aplomb_calendar *outer(const apl_calendar *calendar) {
	return (const aplomb_calendar *)calendar;
}

size_t aplomb_playbook_calendars(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_calendar *calendar, void *payload), void *payload) {
	if (playbook == NULL) return 0;
	const apl_program *program = apl_program_of(playbook);
	size_t count = 0;
	for (uint32_t i = 0; i < program->n_calendars; i++) {
		if (program->calendars[i].calendar == NULL) continue; /* it counts nothing */
		if (tell != NULL) tell(program->calendars[i].name, outer(program->calendars[i].calendar), payload);
		count++;
	}
	return count;
}

const aplomb_calendar *aplomb_playbook_calendar(const aplomb_playbook *playbook, const char *name) {
	if (playbook == NULL) return NULL;
	const apl_program *program = apl_program_of(playbook);
	if (name == NULL)
		return program->calendar != APL_NONE && program->calendar_handler == APL_NO_HANDLER && program->calendar < program->n_calendars
		           ? outer(program->calendars[program->calendar].calendar)
		           : NULL;
	for (uint32_t i = 0; i < program->n_calendars; i++) {
		if (strcmp(program->calendars[i].name, name) == 0) return outer(program->calendars[i].calendar);
	}
	return NULL;
}

const char *aplomb_calendar_version(const aplomb_calendar *calendar) {
	return calendar == NULL ? NULL : apl_calendar_version(inner(calendar));
}

const char *aplomb_calendar_zone_version(const aplomb_calendar *calendar) {
	return calendar == NULL ? NULL : apl_calendar_zone_version(inner(calendar));
}

const char *aplomb_calendar_zone(const aplomb_calendar *calendar) {
	return calendar == NULL ? NULL : apl_calendar_zone(inner(calendar))->name;
}

const char *aplomb_calendar_text(const aplomb_calendar *calendar, size_t *size) {
	size_t own;
	if (calendar == NULL) return NULL;
	return apl_calendar_text(inner(calendar), size != NULL ? size : &own);
}

/* ---- counting --------------------------------------------------------------- */

static int check(const aplomb_calendar *calendar, aplomb_instant at, const char *call, aplomb_error *error) {
	if (calendar == NULL) return apl_fail_null(error, call, "calendar");
	if (at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EINVAL, "instant", "%s: %lld microseconds since 1970 lie outside of the years 1 to 9999", call, (long long)at);
}

int aplomb_calendar_add(aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant from, const char *span, aplomb_error *error) {
	static const char call[] = "aplomb_calendar_add";
	if (out == NULL) return apl_fail_null(error, call, "out");
	if (span == NULL) return apl_fail_null(error, call, "span");
	int code = check(calendar, from, call, error);
	if (code != APLOMB_OK) return code;
	aplomb_span length;
	apl_span_unit unit;
	const bool back = span[0] == '-';
	code = apl_span_read_any(span + back, strlen(span + back), &length, &unit, error);
	if (code != APLOMB_OK) return code;
	return (back ? apl_calendar_subtract : apl_calendar_add)(inner(calendar), from, length, unit, out, error);
}

aplomb_span aplomb_calendar_between(const aplomb_calendar *calendar, aplomb_instant from, aplomb_instant to) {
	return calendar == NULL ? 0 : apl_calendar_between(inner(calendar), from, to);
}

bool aplomb_calendar_is_open(const aplomb_calendar *calendar, aplomb_instant at) {
	return calendar != NULL && apl_calendar_is_open(inner(calendar), at);
}

bool aplomb_calendar_next(aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant at, bool open) {
	return calendar != NULL && out != NULL && apl_calendar_next(inner(calendar), at, open, out);
}

bool aplomb_calendar_previous(aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant at, bool open) {
	return calendar != NULL && out != NULL && apl_calendar_previous(inner(calendar), at, open, out);
}

/* ---- looking ------------------------------------------------------------------ */

static const aplomb_calendar_reason reasons[] = {[APL_CALENDAR_OPEN] = APLOMB_CALENDAR_OPEN,
    [APL_CALENDAR_CLOSED] = APLOMB_CALENDAR_CLOSED,
    [APL_CALENDAR_HOLIDAY] = APLOMB_CALENDAR_HOLIDAY,
    [APL_CALENDAR_EXCEPTION] = APLOMB_CALENDAR_EXCEPTION};

int aplomb_calendar_stretch_at(const aplomb_calendar *calendar, aplomb_instant at, aplomb_calendar_stretch *out, aplomb_error *error) {
	static const char call[] = "aplomb_calendar_stretch_at";
	int code = check(calendar, at, call, error);
	if (code != APLOMB_OK) return code;
	if (out == NULL) return apl_fail_null(error, call, "out");
	apl_calendar_stretch found;
	apl_calendar_stretch_at(inner(calendar), at, &found);
	const aplomb_calendar_stretch all = {sizeof all, found.from, found.until, reasons[found.reason], found.name};
	apl_give_struct(out, &all, sizeof all);
	return APLOMB_OK;
}

void apl_give_wall(const apl_zone *zone, aplomb_instant at, aplomb_wall *out) {
	const int64_t offset = apl_zone_offset(zone, at);
	const apl_date date = apl_wall_date(at + offset);
	const apl_civil civil = apl_civil_of(date);
	const int64_t of_day = apl_wall_of_day(at + offset);
	const aplomb_wall all = {.size = sizeof all,
	    .year = civil.year,
	    .month = civil.month,
	    .day = civil.day,
	    .weekday = apl_weekday_of(date),
	    .hour = (int32_t)(of_day / APL_HOUR),
	    .minute = (int32_t)(of_day / APL_MINUTE % 60),
	    .second = (int32_t)(of_day / APL_SECOND % 60),
	    .microsecond = (int32_t)(of_day % APL_SECOND),
	    .offset = (int32_t)(offset / APL_SECOND)};
	apl_give_struct(out, &all, sizeof all);
}

int aplomb_calendar_wall(const aplomb_calendar *calendar, aplomb_instant at, aplomb_wall *out, aplomb_error *error) {
	static const char call[] = "aplomb_calendar_wall";
	int code = check(calendar, at, call, error);
	if (code != APLOMB_OK) return code;
	if (out == NULL) return apl_fail_null(error, call, "out");
	apl_give_wall(apl_calendar_zone(inner(calendar)), at, out);
	return APLOMB_OK;
}

int aplomb_calendar_day_of(
    const aplomb_calendar *calendar, int32_t year, int32_t month, int32_t day, aplomb_calendar_day *out, aplomb_error *error) {
	static const char call[] = "aplomb_calendar_day_of";
	if (calendar == NULL) return apl_fail_null(error, call, "calendar");
	if (out == NULL) return apl_fail_null(error, call, "out");
	if (year < APL_ZONE_FIRST_YEAR || year > APL_ZONE_LAST_YEAR || month < 1 || month > 12 || day < 1 ||
	    day > apl_days_of_month(year, month))
		return apl_fail(error, APLOMB_EINVAL, "calendar-date", "there is no date %d-%d-%d in the years %d to %d", (int)year, (int)month,
		    (int)day, APL_ZONE_FIRST_YEAR, APL_ZONE_LAST_YEAR);
	const apl_date date = apl_date_of(year, month, day);
	apl_calendar_day found;
	apl_calendar_day_of(inner(calendar), date, &found);
	aplomb_calendar_day all = {.size = sizeof all,
	    .n_hours = found.n_hours,
	    .reason = reasons[found.reason],
	    .name = found.name,
	    .jump = found.jump,
	    .weekday = apl_weekday_of(date),
	    .days = apl_days_of_month(year, month),
	    .source = found.source};
	APL_ASSERT(found.n_hours <= sizeof all.hours / sizeof *all.hours);
	for (uint32_t i = 0; i < found.n_hours; i++) {
		all.hours[i].from = found.hours[i].from;
		all.hours[i].until = found.hours[i].until;
	}
	apl_give_struct(out, &all, sizeof all);
	return APLOMB_OK;
}
