/* SPDX-License-Identifier: MIT */
#ifndef ROUND_TRIP_H
#define ROUND_TRIP_H

/*
 * A playbook and what comes back of it by way of SCXML, side by side: the same
 * random events at the same random times go through both, and after each step
 * both must have told the same: when, because of what, which states are active,
 * which effects with which data, how many errors, whether and how the case closed, and what their data are.
 */
#include "../test_cmocka.h"

#include "aplomb.h"

struct round_line;

/* What one of the two has told since it was last compared. */
typedef struct round_lines {
	struct round_line *items;
	size_t count, capacity;
	aplomb_journal *reader;
} round_lines;

typedef struct round_trip {
	aplomb_runtime *rt[2]; /* the playbook's own, and the document's */
	aplomb_playbook *playbook[2];
	char *document;
	round_lines lines[2];
	uint64_t n_events, n_entries, n_effects, n_closed;
	uint64_t n_opened;
	const char *what; /* for messages */
	uint64_t seed;
} round_trip;

typedef enum trip_begin { TRIP_READY, TRIP_NOT_LOADED, TRIP_DOES_NOT_FIT } trip_begin;

/* [source] may be a document of SCXML, too. What does not fit is told on standard error when [tells]. */
trip_begin round_trip_begin(round_trip *trip, const char *what, const char *path, const char *source, bool tells);
void round_trip_end(round_trip *trip);
/* That many events, in as many cases as come to their end; fails the test at the first difference. */
void round_trip_play(round_trip *trip, uint64_t seed, uint32_t n_events);

#endif
