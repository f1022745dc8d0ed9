/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_SCENARIO_H
#define APL_TEST_SCENARIO_H

/*
 * What happens to a few cases of the desk, from a seed: events with and without
 * ids, late ones, some that break limits or fail, and time passing. One act is
 * one event posted, or time moving; nothing is pumped.
 */

#include "desk.h"

typedef struct scenario {
	uint64_t random;
	aplomb_span now;
	uint32_t acts;
} scenario;

/* Does the next act; returns what posting said. */
int act(world *w, scenario *s);
extern const char *const scenario_cases[4];

#endif
