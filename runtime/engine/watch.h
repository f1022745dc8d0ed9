/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_WATCH_H
#define APL_ENGINE_WATCH_H

/*
 * Private to room engine: asking why and what if.
 *
 *   transitions.c  how a transition is described
 *   trial.c        what is begun so that everything can be taken back
 *   watch.c        what a watcher is told while a case steps
 *   try.c          an event that is tried
 *   consider.c     where every transition of a case stands
 *
 * A case that nobody watches goes through none of this.
 */

#include "engine/apart.h"
#include "engine/inside.h"

/* The transitions of the program are in prepared->described; how many, 0 without memory or when there are none. */
uint32_t apl_transitions_described(apl_engine *engine, const apl_program *program);
/* The same; false: no memory. */
bool apl_transitions_describe(apl_engine *engine, const apl_program *program);
/* The delay that the transition is taken by, or APL_NONE. */
uint32_t apl_transition_delay(const apl_chart *chart, uint32_t number);

/* ---- trial.c ---------------------------------------------------------------- */

/* What the engine was before something was tried. */
typedef struct apl_trial {
	aplomb_totals totals;
	aplomb_instant now;
	uint64_t next_order;
	aplomb_log_fn sink;
	apl_queued *last;
	apl_buf *line;
	bool covers, composes;
} apl_trial;

/* Nothing is told to operators, nothing counted for people; lines are written though nobody may keep them. */
void apl_trial_begin(apl_engine *engine, apl_trial *trial);
/* As before, the events that were queued since included. */
void apl_trial_end(apl_engine *engine, const apl_trial *trial);

/* ---- watch.c ------------------------------------------------------------------ */

/* A transition that was weighed in the running selection. */
typedef struct apl_weighed {
	uint32_t transition;
	int answer;
	aplomb_standing standing;
	uint32_t other;      /* of BEATEN, PREEMPTED; or APL_NONE */
	aplomb_guard *guard; /* NULL: it has none, or was not asked */
} apl_weighed;

typedef struct apl_watching {
	aplomb_watch watch;
	apl_arena arena; /* of one selection: guards and their parts */
	apl_apart apart;
	aplomb_guard *asked; /* the guard that was asked last, until it is known whose it is */
	apl_weighed *weighed;
	uint32_t n_weighed, capacity;
	apl_case *the_case; /* of the running step */
	bool has_begun;     /* its cause was told */
} apl_watching;

void apl_watching_init(apl_watching *watching, apl_engine *engine, const aplomb_watch *watch);
void apl_watching_dispose(apl_watching *watching, apl_engine *engine);
/* From now on [watching] is told, or nobody (NULL). Returns who was before. */
apl_watching *apl_watching_change(apl_engine *engine, apl_watching *watching);
/* What was weighed when a step was ended by a limit is told as far as it came. */
void apl_watching_flush(apl_engine *engine);

/* The guard as it came to [answer], in the watching's arena; NULL without memory. */
aplomb_guard *apl_guard_told_as(apl_arena *arena, const apl_program *program, int32_t handler, int answer, const apl_apart *apart);

/* For the watched port and the counters of step.c. */
extern const apl_watcher apl_engine_watcher;
void apl_watch_step(apl_step *step);
int apl_watch_guard(apl_step *step, int32_t handler);
void apl_watch_event(apl_step *step, const apl_step_event *event);
void apl_watch_counter(apl_step *step, uint32_t counter, bool has_guard);
void apl_watch_state(apl_step *step, uint32_t state, bool is_entered);

#endif
