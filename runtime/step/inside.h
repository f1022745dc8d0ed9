/* SPDX-License-Identifier: MIT */
#ifndef APL_STEP_INSIDE_H
#define APL_STEP_INSIDE_H

/*
 * Private to this room: the machine's scratch space and its three parts.
 *
 *   machine.c     life, bounds, the internal queue, the macrostep
 *   select.c      which transitions are enabled, conflicts settled
 *   microstep.c   exit, act, enter: one set of transitions
 *
 * A failure is noted once, in machine->failure, and everything then returns
 * false up to the macrostep.
 */

#include "base/assert.h"
#include "chart/entry.h"
#include "step/machine.h"

struct apl_machine {
	/* What it works on: apl_machine_use. */
	const apl_chart *chart;
	uint64_t *configuration;
	uint64_t *history;
	const apl_port *port;
	void *self;
	const apl_watcher *watcher; /* NULL: nobody watches */
	apl_machine_bounds bounds;
	bool ready; /* there is scratch space for this chart */

	/* Of the last or running step. */
	apl_step_result failure; /* APL_STEP_STABLE: none */
	bool ended;              /* the root reached its end: D's running = false */
	bool moved;
	uint32_t microsteps;
	uint32_t final;

	/* The transitions to be taken together, in the order of the leaves that selected them, and what each leaves (APL_NONE: nothing). */
	uint32_t *enabled;
	uint32_t *domains;
	uint32_t n_enabled;
	uint32_t deferring; /* a candidate that defers and was selected, or APL_NONE */

	/*
	 * States below which several leaves are active are asked once per
	 * selection: asked[state] == selection, then answer[state] holds.
	 */
	uint32_t selection;
	uint32_t *asked;
	uint32_t *answer; /* transition, or APL_NONE */

	/*
	 * Transitions whose guards erred since the last microstep. They are not
	 * asked again on behalf of the error event they caused: the answer would
	 * be another error, for ever.
	 */
	uint64_t *erred;
	bool any_erred;
	bool on_error; /* the event being processed is error.execution or error.communication */

	apl_entry entry;

	/* Raised in this macrostep; queue[queue_next .. queue_count) wait. */
	apl_step_event *queue;
	uint32_t queue_next, queue_count, queue_capacity;
	apl_step_event current; /* the internal event being processed: the queue may move meanwhile */

	apl_alloc alloc;
	void *scratch; /* one block: all arrays above but the queue */
	size_t scratch_size;
	uint32_t room_states, room_words, room_transitions, room_histories; /* what it has room for */
};

/* Notes the first failure; false, for return. */
static inline bool apl_machine_fail(apl_machine *machine, apl_step_result failure) {
	if (machine->failure == APL_STEP_STABLE) machine->failure = failure;
	return false;
}

/* Runs a block. An error ended it and is the port's affair; false only for failures. */
static inline bool apl_machine_run(apl_machine *machine, int32_t block) {
	if (block == APL_NO_HANDLER) return true;
	if (machine->port->run(machine->self, block) == APL_PORT_BREACH) return apl_machine_fail(machine, APL_STEP_BREACH);
	return machine->failure == APL_STEP_STABLE;
}

/*
 * Fills machine->enabled for [event] (NULL: eventless transitions).
 * Transitions that defer are candidates for an outside event only.
 */
bool apl_machine_select(apl_machine *machine, const apl_step_event *event, bool is_outside);

/* Takes machine->enabled. */
bool apl_machine_microstep(apl_machine *machine);
/* Enters the initial configuration, the root first. */
bool apl_machine_enter_initial(apl_machine *machine);
/* D's exitInterpreter: leaves everything, the root last. */
bool apl_machine_exit_all(apl_machine *machine);

#endif
