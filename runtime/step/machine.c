/* SPDX-License-Identifier: MIT */
/*
 * Decides how a macrostep goes: the outside event, then eventless transitions
 * before internal events until quiet, within bounds (SCXML's Appendix D,
 * mainEventLoop and exitInterpreter). docs/machine.md tells it as a numbered
 * life. What enables a transition is select.c's, what taking it does microstep.c's.
 */
#include "base/assert.h"
#include "step/machine.h"

#include <string.h>

#include "base/hard.h"
#include "step/inside.h"

enum { FIRST_QUEUE = APL_START(16) };

apl_machine *apl_machine_new(const apl_alloc *alloc) {
	apl_machine *machine = apl_new(alloc, sizeof *machine);
	if (machine == NULL) return NULL;
	machine->alloc = *alloc;
	machine->final = APL_NONE;
	machine->queue = apl_resize(alloc, NULL, 0, FIRST_QUEUE * sizeof *machine->queue);
	if (machine->queue == NULL) {
		apl_free(alloc, machine, sizeof *machine);
		return NULL;
	}
	machine->queue_capacity = FIRST_QUEUE;
	return machine;
}

void apl_machine_free(apl_machine *machine) {
	if (machine == NULL) return;
	apl_alloc alloc = machine->alloc;
	apl_free(&alloc, machine->queue, machine->queue_capacity * sizeof *machine->queue);
	apl_free(&alloc, machine->scratch, machine->scratch_size);
	apl_free(&alloc, machine, sizeof *machine);
}

static uint32_t larger(uint32_t a, uint32_t b) {
	return a > b ? a : b;
}

/*
 * Room for this chart and for all before it, so that a machine which goes
 * from chart to chart soon allocates no more.
 */
static __attribute__((noinline)) bool make_room(apl_machine *machine) {
	const apl_chart *chart = machine->chart;
	uint32_t states = larger(machine->room_states, chart->n_states);
	uint32_t words = larger(machine->room_words, chart->n_words);
	uint32_t transitions = larger(machine->room_transitions, chart->n_transitions);
	uint32_t histories = larger(machine->room_histories, chart->n_history_slots);
	size_t erred_words = ((size_t)transitions + 63) / 64;
	size_t size = (2 * (size_t)words + erred_words) * sizeof(uint64_t) + (4 * (size_t)states + histories) * sizeof(uint32_t);
	uint64_t *block = apl_new(&machine->alloc, size);
	if (block == NULL) return false;
	apl_free(&machine->alloc, machine->scratch, machine->scratch_size);
	machine->scratch = block;
	machine->scratch_size = size;
	machine->entry.states = block;
	machine->entry.defaults = block + words;
	machine->erred = block + 2 * (size_t)words;
	uint32_t *numbers = (uint32_t *)(machine->erred + erred_words);
	machine->enabled = numbers;
	machine->domains = numbers + states;
	machine->asked = numbers + 2 * (size_t)states;
	machine->answer = numbers + 3 * (size_t)states;
	machine->entry.defaulted = numbers + 4 * (size_t)states;
	machine->room_states = states;
	machine->room_words = words;
	machine->room_transitions = transitions;
	machine->room_histories = histories;
	return true;
}

static inline bool has_room(const apl_machine *machine, const apl_chart *chart) {
	return chart->n_states <= machine->room_states && chart->n_transitions <= machine->room_transitions &&
	       chart->n_history_slots <= machine->room_histories;
}

void apl_machine_use(apl_machine *machine, const apl_chart *chart, uint64_t *configuration, uint64_t *history, const apl_port *port,
    void *self, const apl_machine_bounds *bounds) {
	machine->chart = chart;
	machine->configuration = configuration;
	machine->history = history;
	machine->port = port;
	machine->self = self;
	machine->bounds = *bounds;
	/* The last thing, so that a call that is hardly ever made costs nothing here. */
	machine->ready = has_room(machine, chart) || make_room(machine);
}

void apl_machine_watch(apl_machine *machine, const apl_watcher *watcher) {
	machine->watcher = watcher;
}

bool apl_machine_raise(apl_machine *machine, const apl_step_event *event) {
	if (machine->failure != APL_STEP_STABLE) return false;
	if (machine->queue_count == machine->bounds.internal_events) return apl_machine_fail(machine, APL_STEP_QUEUE);
	if (!APL_GROW(&machine->alloc, machine->queue, machine->queue_count, machine->queue_capacity))
		return apl_machine_fail(machine, APL_STEP_NO_MEMORY);
	machine->queue[machine->queue_count++] = *event;
	return true;
}

void apl_machine_begin(apl_machine *machine) {
	APL_ASSERT(machine->chart != NULL);
	machine->failure = machine->ready ? APL_STEP_STABLE : APL_STEP_NO_MEMORY;
	machine->ended = false;
	machine->moved = false;
	machine->microsteps = 0;
	machine->final = APL_NONE;
	machine->queue_next = machine->queue_count = 0;
	machine->on_error = false;
	if (machine->any_erred) {
		memset(machine->erred, 0, (machine->room_transitions + 63) / 64 * sizeof *machine->erred);
		machine->any_erred = false;
	}
}

static bool take(apl_machine *machine) {
	return machine->n_enabled == 0 || apl_machine_microstep(machine);
}

/* Could any active state have an eventless transition? Most charts have none, and are not asked. */
static bool may_go_on(const apl_machine *machine) {
	const apl_chart *chart = machine->chart;
	uint32_t word = 0;
	do {
		if ((machine->configuration[word] & chart->eventless_takers[word]) != 0) return true;
	} while (++word < chart->n_words);
	return false;
}

/* Until quiet: eventless transitions first, then one internal event, and again. */
static bool settle(apl_machine *machine) {
	while (!machine->ended) {
		if (may_go_on(machine)) {
			if (!apl_machine_select(machine, NULL, false)) return false;
			if (machine->n_enabled > 0) {
				if (!apl_machine_microstep(machine)) return false;
				continue;
			}
		}
		if (machine->queue_next == machine->queue_count) return true;
		machine->current = machine->queue[machine->queue_next++];
		int32_t number = machine->current.number;
		machine->on_error = number >= 0 && (number == machine->chart->error_execution || number == machine->chart->error_communication);
		machine->port->event(machine->self, &machine->current);
		if (!apl_machine_select(machine, &machine->current, false) || !take(machine)) return false;
	}
	return true;
}

static apl_step_result finish(apl_machine *machine, apl_step_result when_quiet) {
	if (!settle(machine)) return machine->failure;
	if (!machine->ended) return when_quiet;
	return apl_machine_exit_all(machine) ? APL_STEP_FINISHED : machine->failure;
}

apl_step_result apl_machine_start(apl_machine *machine) {
	const apl_chart *chart = machine->chart;
	apl_machine_begin(machine);
	if (machine->failure != APL_STEP_STABLE) return machine->failure;
	memset(machine->configuration, 0, chart->n_words * sizeof *machine->configuration);
	if (chart->n_history_slots > 0) memset(machine->history, 0, (size_t)chart->n_history_slots * chart->n_words * sizeof *machine->history);
	if (!apl_machine_enter_initial(machine)) return machine->failure;
	return finish(machine, APL_STEP_STABLE);
}

apl_step_result apl_machine_step(apl_machine *machine, const apl_step_event *event) {
	apl_machine_begin(machine);
	if (machine->failure != APL_STEP_STABLE) return machine->failure;
	machine->port->event(machine->self, event);
	if (!apl_machine_select(machine, event, true)) return machine->failure;
	if (machine->n_enabled == 0 && machine->deferring != APL_NONE) return APL_STEP_DEFERRED;
	apl_step_result when_quiet = machine->n_enabled > 0 ? APL_STEP_STABLE : APL_STEP_UNHANDLED;
	if (!take(machine)) return machine->failure;
	return finish(machine, when_quiet);
}

apl_step_result apl_machine_end(apl_machine *machine) {
	apl_machine_begin(machine);
	if (machine->failure != APL_STEP_STABLE) return machine->failure;
	return apl_machine_exit_all(machine) ? APL_STEP_FINISHED : machine->failure;
}

bool apl_machine_is_waiting(const apl_machine *machine) {
	return machine->queue_next < machine->queue_count;
}

apl_step_result apl_machine_go_on(apl_machine *machine, apl_step_result so_far) {
	APL_ASSERT(so_far == APL_STEP_STABLE || so_far == APL_STEP_UNHANDLED);
	if (machine->failure != APL_STEP_STABLE) return machine->failure; /* what was raised in between did not find room */
	return finish(machine, so_far);
}

uint32_t apl_machine_final(const apl_machine *machine) {
	return machine->final;
}

uint32_t apl_machine_deferring(const apl_machine *machine) {
	return machine->deferring;
}

uint32_t apl_machine_microsteps(const apl_machine *machine) {
	return machine->microsteps;
}

bool apl_machine_moved(const apl_machine *machine) {
	return machine->moved;
}
