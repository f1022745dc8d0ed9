/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ZONE_H
#define APL_TIME_ZONE_H

/*
 * A zone as an array of our own: at which instants its offset from UTC changed
 * or will change, from 1970 to the end of 2299. Where they come from is said in
 * zone_glib.c; once there, nothing asks the machine's zone data again.
 *
 * As text (the material that a playbook brings along) it is canonical JSON:
 *
 *   {"changes":[[57722400,0],…],"first":3600,"name":"Europe/London",
 *    "rule":{"from":1996,"to":[[3,25,6,3600,3600],[10,25,6,7200,0]]},"v":1}
 *
 * "first" is the offset in seconds on 1970-01-01, each change says from which
 * second on which offset holds. The rule, when there is one, says what happens
 * every year from "from" on: in that month, on the first such weekday (0 is
 * Monday) on or after that day, when clocks there show that second of the day,
 * that offset begins. It is written only where it gives exactly the changes that were read,
 * so a release of the zone data that leaves a zone alone leaves its text alone.
 * Equal zones, equal bytes.
 */

#include "base/buf.h"
#include "base/error.h"
#include "time/date.h"
#include "time/instant.h"

/* Zones and calendars know these years; before the first, its first offset holds. */
#define APL_ZONE_FIRST_YEAR 1970
#define APL_ZONE_LAST_YEAR 2299
#define APL_ZONE_BEGIN INT64_C(0)               /* 1970-01-01T00:00:00Z */
#define APL_ZONE_END INT64_C(10413792000000000) /* 2300-01-01T00:00:00Z */
#define APL_ZONE_MOST_OFFSET (26 * 3600)        /* seconds; no zone is further from UTC */

typedef struct apl_zone_change {
	aplomb_instant at; /* of the first INT64_MIN */
	int64_t offset;    /* microseconds, to be added to UTC from then on */
} apl_zone_change;

typedef struct apl_zone {
	apl_alloc alloc;
	char *name;
	apl_zone_change *changes; /* in order, at least a day apart, each to another offset; never none */
	uint32_t count;
	uint32_t capacity;
} apl_zone;

/* The machine's zone data of that name. EINVAL, slug calendar-zone; ENOMEM. */
int apl_zone_load(apl_zone *out, const apl_alloc *alloc, const char *name, size_t size, aplomb_error *error);
/* From canonical text; asks nobody. EINVAL, slug calendar-material; ENOMEM. */
int apl_zone_read(apl_zone *out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error);
void apl_zone_write(const apl_zone *zone, apl_buf *out);
void apl_zone_dispose(apl_zone *zone);
/* Appends a change; one to the offset that holds already is left out. false without memory. For those who make zones. */
bool apl_zone_add(apl_zone *zone, aplomb_instant at, int64_t offset);
/*
 * What follows a rule in the twelve years up to the end of [last] goes on by
 * it, whatever the zone said of later years; what follows none is left as it
 * is. false without memory.
 */
bool apl_zone_repeat(apl_zone *zone, int32_t last);

/* The number of the change that holds at [at]. */
static inline uint32_t apl_zone_find(const apl_zone *zone, aplomb_instant at) {
	uint32_t from = 0, count = zone->count;
	while (count > 1) {
		uint32_t half = count / 2;
		if (zone->changes[from + half].at <= at) from += half;
		count -= half;
	}
	return from;
}
static inline int64_t apl_zone_offset(const apl_zone *zone, aplomb_instant at) {
	return zone->changes[apl_zone_find(zone, at)].offset;
}
/* The instant at which the offset of change [number] ends. */
static inline aplomb_instant apl_zone_ends(const apl_zone *zone, uint32_t number) {
	return number + 1 < zone->count ? zone->changes[number + 1].at : INT64_MAX;
}

/* A wall clock's time: microseconds since 1970-01-01T00:00 there. */
typedef int64_t apl_wall;
static inline apl_wall apl_zone_wall(const apl_zone *zone, aplomb_instant at) {
	return at + apl_zone_offset(zone, at);
}
static inline apl_date apl_wall_date(apl_wall wall) {
	int64_t day = wall / APL_DAY;
	return (apl_date)(wall % APL_DAY < 0 ? day - 1 : day);
}
static inline int64_t apl_wall_of_day(apl_wall wall) {
	return wall - (int64_t)apl_wall_date(wall) * APL_DAY;
}
/*
 * The instant at which a clock on that wall shows [wall]: of two, when the hour
 * is there twice, the first; when there is no such hour, the instant at which
 * the clock jumped over it.
 */
aplomb_instant apl_zone_instant(const apl_zone *zone, apl_wall wall);

#endif
