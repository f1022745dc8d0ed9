/* SPDX-License-Identifier: MIT */
#ifndef STAGE_H
#define STAGE_H

/*
 * A chart of text (chart_text.h) with a machine that plays it. Handlers mean
 * what their text says:
 *
 *   guards   yes, no, fail (raises error.execution), breach, in:PATH
 *   blocks   words joined by commas, one after the other: raise:EVENT,
 *            fail (raises error.execution; what follows is not done), breach;
 *            any other word is written to the log
 */

#include "../chart/chart_text.h"
#include "step/machine.h"

typedef struct stage {
	chart_text text;
	apl_alloc alloc;
	apl_findings findings;
	apl_chart *chart;
	apl_machine *machine;
	uint64_t *words;
	apl_machine_bounds bounds;
	char log[2048];    /* words of blocks */
	char moves[2048];  /* "+PATH" entered, "-PATH" exited */
	char events[2048]; /* names of the events processed */
	uint32_t n_taken;
	uint32_t n_guards; /* guards asked */
} stage;

/* Builds chart and machine; asserts that there are no errors. Bounds of 100. */
void stage_open(stage *s, const char *text, const apl_build_options *options);
void stage_close(stage *s);

/* Each empties the logs first. */
apl_step_result stage_start(stage *s);
apl_step_result stage_send(stage *s, const char *event);
/* The n-th delay of the state, n from 1. */
apl_step_result stage_delay(stage *s, const char *path, uint32_t n);

/* The active leaves' paths, in document order, joined by spaces. Lent until the next call. */
const char *stage_leaves(stage *s);
const char *stage_result_name(apl_step_result result);

extern const apl_port stage_port; /* self: the stage */

#endif
