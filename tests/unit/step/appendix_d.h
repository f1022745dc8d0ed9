/* SPDX-License-Identifier: MIT */
#ifndef APPENDIX_D_H
#define APPENDIX_D_H

/*
 * A second interpreter: Appendix D of the SCXML recommendation, transcribed
 * procedure by procedure with its names, lists and sets, for reading beside
 * the standard. It knows of the chart only what was declared (no domains, rows
 * or plans) and shares no code with the machine that it is there to judge.
 *
 * Where Aplomb departs from D the place is marked DEPARTURE, with the reason;
 * docs/machine.md lists them.
 */

#include "chart/chart.h"
#include "step/machine.h"

enum { MOST_STATES = 160, MOST_TRANSITIONS = 512, MOST_HISTORIES = 48, MOST_QUEUED = 256 };

typedef struct ordered_set {
	uint32_t count;
	uint16_t items[MOST_STATES]; /* numbers of states, or of transitions */
} ordered_set;

/* How often something happened, so that nobody takes silence for agreement. */
typedef struct occurrences {
	uint64_t microsteps, transitions, targetless, internal, external, several_targets, eventless, delayed;
	uint64_t histories_restored, deep_restored, histories_defaulted, dynamic_domains;
	uint64_t conflicts, preempted_by_descendant, domain_above_parallel;
	uint64_t done_compound, done_parallel, done_outward, done_root_parallel;
	uint64_t guards_erred, guards_not_asked_again, deferring_passed_over;
	uint64_t entries_kept_out;
} occurrences;

typedef struct interpreter {
	const apl_chart *chart;
	const apl_port *port;
	void *self;
	apl_machine_bounds bounds;
	occurrences *seen;

	ordered_set configuration;
	ordered_set history_value[MOST_HISTORIES]; /* by slot; empty: none */

	bool running;
	bool external; /* is the event being selected for from outside? */
	bool on_error; /* is it error.execution or error.communication? */
	uint32_t final;
	uint32_t microsteps;
	apl_step_result failure;
	apl_step_event internal_queue[MOST_QUEUED];
	uint32_t queue_next, queue_count;
	int8_t asked[MOST_TRANSITIONS]; /* in this selection: 0 not asked, 1 true, -1 false */
	bool erred[MOST_TRANSITIONS];   /* since the last microstep */
	bool deferred;
	uint32_t domain[MOST_TRANSITIONS]; /* of those being taken, before their exit */
} interpreter;

void interpreter_init(
    interpreter *in, const apl_chart *chart, const apl_port *port, void *self, apl_machine_bounds bounds, occurrences *seen);
apl_step_result interpreter_start(interpreter *in);
apl_step_result interpreter_step(interpreter *in, const apl_step_event *event);
void interpreter_raise(interpreter *in, const apl_step_event *event);

bool is_member(const ordered_set *set, uint32_t item);

#endif
