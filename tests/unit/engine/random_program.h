/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_RANDOM_PROGRAM_H
#define APL_TEST_RANDOM_PROGRAM_H

/*
 * A program whose chart is made by chance from [chart_seed], and whose handlers
 * do what their case's random numbers say: raise, send, cancel, fail, write.
 */

#include "scenario.h"

extern uint64_t chart_seed;
extern const test_program random_program;
/* The chart of that seed, or NULL when it is none that the builder takes; of the system's memory. */
apl_chart *random_one(void);
/* The next act of two of its cases. */
int act_randomly(world *w, scenario *s);

#endif
