/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_GUARD_STAGE_H
#define APL_TEST_GUARD_STAGE_H

/*
 * A case that never was, for the tests of guards: schemas of data, params and
 * three events, their records, and somebody who answers what only a running
 * case knows. guard_stage.c says what there is.
 */

#include "../test_heap.h"
#include "data/guard.h"
#include "declare.h"

enum { STAGE_EVENTS = 3 };

typedef struct stage {
	test_heap heap;
	apl_alloc alloc;
	apl_arena arena; /* of guards; emptied between them */
	apl_tape tape;
	apl_schema *data, *params;
	apl_schema *events[STAGE_EVENTS]; /* go, stop, other */
	apl_guard_event listened[STAGE_EVENTS];
	uint64_t *data_words, *params_words, *event_words[STAGE_EVENTS];
	apl_guard_scope scope;
	apl_guard_situation situation;
	bool is_silent;  /* whoever knows about the case answers nothing */
	char said[8192]; /* the findings of the last text, each on a line */
} stage;

void stage_open(stage *s);
void stage_close(stage *s);

/* Which events a text may see, as letters: "g" go, "s" stop, "o" other; NULL: all. */
void stage_listen(stage *s, const char *events);
/* The records: a map with single quotes, or NULL for what a case begins with. */
void stage_data(stage *s, const char *json);
/* The event of the moment: 0 go, 1 stop, 2 other, -1: none. */
void stage_event(stage *s, int event, const char *json);

/* The text parsed and typed, in the stage's arena; NULL: s->said says why. */
apl_guard *stage_guard(stage *s, apl_guard_form form, const char *text, int wanted);
/* "true", "false", "unknown", the slug of trouble, or "refused". */
const char *stage_ask(stage *s, const char *text);

#endif
