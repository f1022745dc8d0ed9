/* SPDX-License-Identifier: MIT */
#ifndef APL_STEP_PORT_H
#define APL_STEP_PORT_H

/*
 * The questions the machine asks while it steps, answered by whoever holds the
 * data (engine and lua; plain C in the tests). Anything that goes wrong inside
 * a guard or a block has been written down by the port, and its error.* event
 * raised by it (apl_machine_raise), before it answers APL_PORT_ERROR: the
 * machine only takes the guard for false, or ends that block (SCXML 5.9.1, 4.x).
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	APL_PORT_FALSE = 0, /* guard: no; block: done */
	APL_PORT_TRUE = 1,
	APL_PORT_UNKNOWN = 2, /* guard: something that it asks about is missing; to the machine that is no */
	APL_PORT_ERROR = -1,
	APL_PORT_BREACH = -2 /* a limit was broken: the machine stops at once */
};

typedef struct apl_step_event {
	int32_t number;   /* in the chart's table of names; -1: unknown there */
	uint32_t size;    /* of the name */
	const char *name; /* outlives the macrostep */
	void *payload;    /* the port's */
} apl_step_event;

typedef struct apl_port {
	/* APL_PORT_TRUE, _FALSE, _UNKNOWN, _ERROR or _BREACH. */
	int (*guard)(void *self, int32_t handler);
	/* APL_PORT_FALSE (done), _ERROR or _BREACH. */
	int (*run)(void *self, int32_t handler);
	/* [event] is the one being processed from now on (external, then each internal one). */
	void (*event)(void *self, const apl_step_event *event);
	/* In the order they happen; [entered] before the state's entry blocks run, [exited] after its exit blocks, [taken] before the
	 * transition's block. */
	void (*taken)(void *self, uint32_t transition);
	void (*entered)(void *self, uint32_t state);
	void (*exited)(void *self, uint32_t state);
	/*
	 * The final state was entered and its parent is done: what the parent's done event carries (SCXML 3.7), as [*payload], which is
	 * NULL before. APL_PORT_FALSE, _ERROR (then the event carries nothing) or _BREACH. NULL: done events carry nothing.
	 */
	int (*done)(void *self, uint32_t final, void **payload);
} apl_port;

/*
 * Who also wants to know what was not taken, and why. It is told with the
 * port's self, changes nothing, and costs who has none one comparison a candidate.
 */
typedef struct apl_watcher {
	/* A candidate was considered; [answer] is its guard's, APL_PORT_TRUE when it has none. Not TRUE: the next one is considered. */
	void (*weighed)(void *self, uint32_t transition, int answer);
	/* Of two that were enabled and would leave a state in common, this one is dropped. */
	void (*preempted)(void *self, uint32_t loser, uint32_t winner);
	/* The selection is over: what is left of the enabled ones is taken, if there are any. NULL: for no event. */
	void (*selected)(void *self, const apl_step_event *event, bool is_outside);
} apl_watcher;

#endif
