/* SPDX-License-Identifier: MIT */
#ifndef APL_STEP_MACHINE_H
#define APL_STEP_MACHINE_H

/*
 * SCXML's Appendix D over one case: macrosteps. The machine changes the
 * configuration and history it was handed and asks the port; it performs no
 * I/O, reads no clock, knows no data. It is scratch space, reused from case to
 * case and from chart to chart; what a case keeps are two arrays of words:
 *
 *   configuration   chart->n_words words: the active states, ancestors too
 *   history         chart->n_history_slots * n_words: what was recorded per
 *                   history state; all zero: nothing yet
 */

#include "base/alloc.h"
#include "chart/chart.h"
#include "step/port.h"

typedef struct apl_machine apl_machine;

typedef struct apl_machine_bounds {
	uint32_t microsteps;      /* per macrostep */
	uint32_t internal_events; /* in the queue of one macrostep, in all */
} apl_machine_bounds;

typedef enum apl_step_result {
	APL_STEP_STABLE,    /* quiet; the event was taken */
	APL_STEP_UNHANDLED, /* quiet; no transition took the event (eventless ones may have run) */
	APL_STEP_DEFERRED,  /* nobody took it and somebody defers it: nothing happened */
	APL_STEP_FINISHED,  /* the root's final state was reached: all was exited (SCXML exitInterpreter) */
	/* failures: the configuration is not to be used any more; the caller puts back its copy */
	APL_STEP_MICROSTEPS, /* the bound on microsteps */
	APL_STEP_QUEUE,      /* the bound on internal events */
	APL_STEP_BREACH,     /* the port said APL_PORT_BREACH */
	APL_STEP_NO_MEMORY
} apl_step_result;

apl_machine *apl_machine_new(const apl_alloc *alloc);
void apl_machine_free(apl_machine *machine);

/* Whom to ask, and the case's words to change, for the calls that follow. */
void apl_machine_use(apl_machine *machine, const apl_chart *chart, uint64_t *configuration, uint64_t *history, const apl_port *port,
    void *self, const apl_machine_bounds *bounds);

/* From now on [watcher] is told as well; NULL, as at first: nobody. */
void apl_machine_watch(apl_machine *machine, const apl_watcher *watcher);

/* Enter the initial configuration (cleared by this) and run until quiet. */
apl_step_result apl_machine_start(apl_machine *machine);

/* What is raised from now on is raised in a step that begins without an event: apl_machine_go_on goes on with it, or nobody does, who only
 * asks. */
void apl_machine_begin(apl_machine *machine);

/* One macrostep: the event, then eventless transitions and internal events until quiet. */
apl_step_result apl_machine_step(apl_machine *machine, const apl_step_event *event);

/* Leave everything, the root last, whatever is active: no event, no final. APL_STEP_FINISHED, or a failure. */
apl_step_result apl_machine_end(apl_machine *machine);

/* Of the running step: was something raised that is not processed yet? */
bool apl_machine_is_waiting(const apl_machine *machine);

/* From within the port: append to the internal queue. false: over the bound or without memory; the step then fails when the port returns.
 */
bool apl_machine_raise(apl_machine *machine, const apl_step_event *event);

/*
 * The last step is quiet ([so_far]: stable or unhandled), and something was raised after it was: the step goes on until it is quiet again.
 */
apl_step_result apl_machine_go_on(apl_machine *machine, apl_step_result so_far);

/* Of the last step: the final state that ended the root, or APL_NONE. */
uint32_t apl_machine_final(const apl_machine *machine);
/* Of a step that ended APL_STEP_DEFERRED: a transition that defers the event. */
uint32_t apl_machine_deferring(const apl_machine *machine);
/* Of the last step: microsteps taken; did the configuration change? */
uint32_t apl_machine_microsteps(const apl_machine *machine);
bool apl_machine_moved(const apl_machine *machine);

#endif
