/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ICS_INSIDE_H
#define APL_TIME_ICS_INSIDE_H

/*
 * What the files that read .ics share: a file's lines and events as they stand
 * there (ics_lines.c), and a rule's starts (ics_rule.c).
 */

#include "time/ical.h"
#include "time/ics.h"

/* A time as a property gives it. */
typedef struct apl_ics_time {
	apl_ical_time at;
	const char *tzid; /* or NULL */
	uint32_t line;    /* 0: the event has none */
	apl_wall length;  /* of a period in an RDATE; -1: none */
} apl_ics_time;

/* An event before it is known what it stands for. */
typedef struct apl_ics_raw {
	const char *name, *uid;
	uint32_t line;
	int32_t sequence;
	bool is_cancelled;
	apl_ics_time start, end, recurrence;
	apl_wall duration; /* -1: none */
	const char *rule;
	uint32_t rule_line;
	apl_ics_time *dates, *without; /* RDATE, EXDATE */
	uint32_t n_dates, dates_capacity, n_without, without_capacity;
} apl_ics_raw;

/* What a VTIMEZONE is called, and where its city is said to be. */
typedef struct apl_ics_city {
	const char *tzid, *city;
} apl_ics_city;

typedef struct apl_ics_reading {
	apl_ics *out;
	const apl_ical *ical;
	const apl_zone *zone;
	apl_ics_raw *raws;
	uint32_t n_raws, raws_capacity;
	apl_ics_city *cities;
	uint32_t n_cities, cities_capacity;
	uint32_t starts, periods; /* kept so far */
	uint64_t looked;          /* nanoseconds that rules may have cost so far */
	int code;
	aplomb_error *error;
} apl_ics_reading;

/* Fills the error with a line of the file, and remembers the code. */
int apl_ics_refuse(apl_ics_reading *r, const char *slug, uint32_t line, const char *format, ...) __attribute__((format(printf, 4, 5)));
int apl_ics_no_memory(apl_ics_reading *r);
/* Every event of the text, raw. */
int apl_ics_lines(apl_ics_reading *r, const char *text, size_t size);
/* The starts of a rule; [event] has its zone. */
int apl_ics_rule(apl_ics_reading *r, const apl_ics_raw *raw, apl_ics_event *event);

#endif
