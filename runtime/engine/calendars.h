/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_CALENDARS_H
#define APL_ENGINE_CALENDARS_H

/*
 * Which calendar counts in a case. Usually those of its playbook, by their
 * numbers there. A calendar that was changed while the case was open is another
 * version of it, which the case keeps: its number follows those of the playbook,
 * and whatever was counted by the old one until then still names that.
 * recount.c decides how a calendar changes.
 */

#include "engine/case.h"

/* A version of a calendar, shared by all cases that have it. */
typedef struct apl_calendar_version_kept {
	struct apl_calendar_version_kept *next;
	apl_calendar *calendar;
	uint64_t refs;
} apl_kept_calendar;

/* One that a case has. */
typedef struct apl_calendar_slot {
	apl_kept_calendar *kept; /* NULL: the place is free */
	uint32_t of;             /* the calendar of the program that it is a version of */
	uint64_t since;          /* the entry since which it counts what begins */
} apl_calendar_slot;

typedef struct apl_case_calendars {
	apl_calendar_slot *slots; /* the number of one is its place, behind the program's calendars */
	uint32_t count, capacity;
} apl_case_calendars;

/* More than anybody has changed one calendar of one case while something still counted by each of the older ones. */
#define APL_MOST_CALENDAR_VERSIONS 64

/* The slot of a number that is not one of the program's. */
const apl_calendar_slot *apl_calendar_slot_of(const apl_case *c, uint32_t number);
/* The number by which counts now what is declared to be counted by [number] of the program. */
uint32_t apl_calendar_newest(const apl_case *c, uint32_t number);

/* The calendar of that number; NULL: of a bundle from before calendars counted, and business time is the clock's there. */
static inline const apl_calendar *apl_case_calendar(const apl_case *c, uint32_t number) {
	const apl_program *program = c->program;
	return number < program->n_calendars ? program->calendars[number].calendar : apl_calendar_slot_of(c, number)->kept->calendar;
}
/* The number in the program of what it is a version of. */
static inline uint32_t apl_calendar_declared(const apl_case *c, uint32_t number) {
	return number < c->program->n_calendars ? number : apl_calendar_slot_of(c, number)->of;
}
static inline const char *apl_case_calendar_name(const apl_case *c, uint32_t number) {
	return c->program->calendars[apl_calendar_declared(c, number)].name;
}

#define APL_NO_CALENDAR UINT16_MAX
/*
 * When [span] is over from [from] on; [calendar] is its number, or
 * APL_NO_CALENDAR. EREFUSED (bad-span, calendar-range). The second: of no case, by the program's own.
 */
int apl_span_over(const apl_case *c, aplomb_instant from, aplomb_span span, apl_span_unit unit, uint32_t calendar, aplomb_instant *out,
    aplomb_error *error);
int apl_program_span_over(const apl_program *program, aplomb_instant from, aplomb_span span, apl_span_unit unit, uint32_t calendar,
    aplomb_instant *out, aplomb_error *error);

#endif
