/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ICS_H
#define APL_TIME_ICS_H

/*
 * The events of an .ics file (RFC 5545), as starts on the clocks of a zone.
 *
 * A start is wall time, and so is how long an event lasts: a shift from 13:00
 * to 22:00 is that on every day, also on one of 23 hours. Which instant a wall
 * time is, is decided by apl_zone_instant and our own zones, whatever a file's
 * VTIMEZONEs say: of those only the names count.
 *
 * A rule without end goes on to the end of the years known. It is kept as what
 * comes again and after how long, so a daily shift of three hundred years is
 * one number.
 */

#include "base/error.h"
#include "time/zone.h"

/* More than anybody keeps in a file, and little enough to be read while somebody waits. */
enum {
	APL_ICS_MOST_EVENTS = 10000,
	APL_ICS_MOST_STARTS = 200000, /* as they are kept */
	APL_ICS_MOST_ZONES = 64,
	APL_ICS_MOST_LINE = 64 << 10, /* bytes, unfolded */
	APL_ICS_MOST_NAME = 1000,
	APL_ICS_MOST_AGAIN = 4096, /* starts before a rule repeats */
};

typedef struct apl_ics_event {
	const char *name; /* its SUMMARY without spaces around it; "" when it has none */
	uint32_t line;    /* of its BEGIN:VEVENT */
	bool is_all_day;
	bool is_override;     /* it stands in for one start of another event (RECURRENCE-ID) */
	const apl_zone *zone; /* whose clocks its starts are of */
	apl_wall length;      /* more than nothing */
	const apl_wall *starts;
	uint32_t n_starts;
	apl_wall period; /* start n is starts[n % n_starts] + n / n_starts * period; 0: there are n_starts */
	uint32_t total;
	const apl_wall *without; /* starts at which it does not take place, in order */
	uint32_t n_without;
} apl_ics_event;

static inline apl_wall apl_ics_start(const apl_ics_event *event, uint32_t n) {
	return event->starts[n % event->n_starts] + (apl_wall)(n / event->n_starts) * event->period;
}
/* The number of the first start at or after [wall]; total when there is none. */
uint32_t apl_ics_find(const apl_ics_event *event, apl_wall wall);
bool apl_ics_is_without(const apl_ics_event *event, apl_wall start);

typedef struct apl_ics {
	apl_alloc alloc;
	apl_arena arena;
	apl_ics_event *events; /* as they stand in the file */
	uint32_t n_events, capacity;
	apl_zone *zones; /* that the file names */
	uint32_t n_zones, zones_capacity;
} apl_ics;

/*
 * [zone]: what dates and times without a zone are of; it outlives [out]. Events
 * that are cancelled, and those that last no time, are left out. EINVAL, with
 * error->line: slugs ics-text (the file's form), ics-event, ics-rule, ics-zone,
 * ics-limit. EIO, slug ics-library; ENOMEM. After an error there is nothing to dispose of.
 */
int apl_ics_read(apl_ics *out, const apl_alloc *alloc, const apl_zone *zone, const char *text, size_t size, aplomb_error *error);
void apl_ics_dispose(apl_ics *ics);

#endif
