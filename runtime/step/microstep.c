/* SPDX-License-Identifier: MIT */
/*
 * Decides what one set of transitions does and in which order: exitStates,
 * executeTransitionContent and enterStates of SCXML's Appendix D.
 *
 * Transitions that are taken together leave and enter different subtrees, those
 * below their domains, and stand in document order of these. So leaving one
 * subtree after the other from the last to the first is exit order, and
 * entering them from the first to the last is entry order; no union is made.
 */
#include <string.h>

#include "step/inside.h"

/* ---- leaving ------------------------------------------------------------- */

/* Remembers, for the history states of [number], what is active in it. */
static void record_history(apl_machine *machine, uint32_t number) {
	const apl_chart *chart = machine->chart;
	const apl_state *state = &chart->states[number];
	for (uint32_t i = 0; i < state->n_history; i++) {
		const apl_state *history = &chart->states[chart->histories[state->first_history + i]];
		uint64_t *set = machine->history + (size_t)history->history * chart->n_words;
		memset(set, 0, chart->n_words * sizeof *set);
		bool deep = history->kind == APL_HISTORY_DEEP;
		uint32_t s = apl_set_next(machine->configuration, number + 1, state->end);
		while (s != APL_NONE) {
			/* An active child stands before what is active in it. */
			if (!deep || apl_set_has(chart->leaves, s)) apl_set_add(set, s);
			s = apl_set_next(machine->configuration, deep ? s + 1 : chart->states[s].end, state->end);
		}
	}
}

static void record_histories(apl_machine *machine, uint32_t first, uint32_t end) {
	const apl_chart *chart = machine->chart;
	for (uint32_t s = apl_set_next(chart->historians, first, end); s != APL_NONE; s = apl_set_next(chart->historians, s + 1, end))
		if (apl_set_has(machine->configuration, s)) record_history(machine, s);
}

static bool leave(apl_machine *machine, uint32_t number) {
	const apl_state *state = &machine->chart->states[number];
	const int32_t *blocks = machine->chart->blocks + state->first_exit;
	for (uint32_t i = 0; i < state->n_exit; i++)
		if (!apl_machine_run(machine, blocks[i])) return false;
	apl_set_remove(machine->configuration, number);
	machine->port->exited(machine->self, number);
	return machine->failure == APL_STEP_STABLE;
}

/* Leaves what is active in [first .. end), in exit order. */
static bool leave_range(apl_machine *machine, uint32_t first, uint32_t end) {
	if (first >= end) return true;
	uint32_t lowest = first >> 6;
	for (uint32_t word = (end - 1) >> 6;; word--) {
		uint64_t bits = machine->configuration[word];
		if (word == (end - 1) >> 6) bits &= UINT64_MAX >> ((64u - (end & 63u)) & 63u);
		if (word == lowest) bits &= UINT64_MAX << (first & 63u);
		while (bits != 0) {
			uint32_t bit = 63u - (uint32_t)__builtin_clzll(bits);
			bits ^= UINT64_C(1) << bit;
			if (!leave(machine, (word << 6) + bit)) return false;
		}
		if (word == lowest) return true;
	}
}

/* ---- entering ------------------------------------------------------------ */

/* [final]: whose entry ended the state, when it is a child of it; or APL_NONE. */
static bool raise_done(apl_machine *machine, uint32_t state, uint32_t final) {
	int32_t number = machine->chart->states[state].done_event;
	const apl_event_name *name = &machine->chart->events[number];
	apl_step_event event = {number, name->size, name->name, NULL};
	if (final != APL_NONE && machine->port->done != NULL) {
		int answer = machine->port->done(machine->self, final, &event.payload);
		if (answer == APL_PORT_BREACH) return apl_machine_fail(machine, APL_STEP_BREACH);
		if (machine->failure != APL_STEP_STABLE) return false;
	}
	return apl_machine_raise(machine, &event);
}

static bool is_in_final(const apl_machine *machine, uint32_t number) {
	const apl_chart *chart = machine->chart;
	const apl_state *state = &chart->states[number];
	if (state->kind == APL_COMPOUND) {
		uint32_t child = apl_set_next(machine->configuration, number + 1, state->end);
		return child != APL_NONE && chart->states[child].kind == APL_FINAL;
	}
	if (state->kind != APL_PARALLEL) return false;
	for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end) {
		uint32_t kind = chart->states[child].kind;
		if (kind == APL_HISTORY_SHALLOW || kind == APL_HISTORY_DEEP) continue;
		if (!is_in_final(machine, child)) return false;
	}
	return true;
}

/*
 * A final state was entered: its parent is done; then every parallel around it
 * whose regions are all done. Where another state would raise done.state.ID
 * the root ends the case.
 *
 * D's enterStates looks at the grandparent only, so that a parallel whose last
 * region to end is itself a parallel would never be done, against SCXML 3.4;
 * here the end goes on outward.
 */
static bool end_parents(apl_machine *machine, uint32_t final) {
	const apl_chart *chart = machine->chart;
	uint32_t done = chart->states[final].parent;
	uint32_t by = final;
	do {
		if (done == 0) {
			machine->ended = true;
			machine->final = final;
			return true;
		}
		if (!raise_done(machine, done, by)) return false;
		by = APL_NONE;
		done = chart->states[done].parent;
	} while (chart->states[done].kind == APL_PARALLEL && is_in_final(machine, done));
	return true;
}

/* [initial]: the block of its initial transition when it is entered by default. */
static bool enter(apl_machine *machine, uint32_t number, int32_t initial) {
	const apl_state *state = &machine->chart->states[number];
	const int32_t *blocks = machine->chart->blocks + state->first_entry;
	apl_set_add(machine->configuration, number);
	machine->port->entered(machine->self, number);
	if (machine->failure != APL_STEP_STABLE) return false;
	for (uint32_t i = 0; i < state->n_entry; i++)
		if (!apl_machine_run(machine, blocks[i])) return false;
	if (!apl_machine_run(machine, initial)) return false;
	return state->kind != APL_FINAL || end_parents(machine, number);
}

/* The block of the default that a history of [state] took. */
static bool run_history_default(apl_machine *machine, uint32_t state) {
	const apl_chart *chart = machine->chart;
	for (uint32_t i = 0; i < machine->entry.n_defaulted; i++) {
		const apl_state *history = &chart->states[machine->entry.defaulted[i]];
		if (history->parent == state) return apl_machine_run(machine, chart->transitions[history->initial].block);
	}
	return true;
}

/* Enters what machine->entry says of [first .. end). */
static bool enter_computed(apl_machine *machine, uint32_t first, uint32_t end) {
	const apl_chart *chart = machine->chart;
	const apl_entry *entry = &machine->entry;
	for (uint32_t s = apl_set_next(entry->states, first, end); s != APL_NONE; s = apl_set_next(entry->states, s + 1, end)) {
		int32_t initial = apl_set_has(entry->defaults, s) ? chart->transitions[chart->states[s].initial].block : APL_NO_HANDLER;
		if (!enter(machine, s, initial) || !run_history_default(machine, s)) return false;
	}
	return true;
}

static bool enter_targets(apl_machine *machine, uint32_t transition, uint32_t domain) {
	const apl_chart *chart = machine->chart;
	const apl_plan *plan = &chart->plans[transition];
	if (plan->count == 0) {
		machine->entry.history = machine->history;
		apl_entry_compute(chart, &machine->entry, &chart->transitions[transition], domain);
		return enter_computed(machine, domain + 1, chart->states[domain].end);
	}
	const apl_plan_step *steps = chart->plan_steps + plan->first;
	for (uint32_t i = 0; i < plan->count; i++)
		if (!enter(machine, steps[i].state, steps[i].block)) return false;
	return true;
}

/* ---- all together -------------------------------------------------------- */

bool apl_machine_microstep(apl_machine *machine) {
	const apl_chart *chart = machine->chart;
	if (machine->microsteps == machine->bounds.microsteps) return apl_machine_fail(machine, APL_STEP_MICROSTEPS);
	machine->microsteps++;
	if (machine->any_erred) {
		memset(machine->erred, 0, (machine->room_transitions + 63) / 64 * sizeof *machine->erred);
		machine->any_erred = false;
	}
	for (uint32_t i = machine->n_enabled; i-- > 0;) {
		uint32_t domain = machine->domains[i];
		if (domain == APL_NONE) continue;
		uint32_t end = chart->states[domain].end;
		machine->moved = true;
		if (chart->n_history_slots > 0) record_histories(machine, domain + 1, end);
		if (!leave_range(machine, domain + 1, end)) return false;
	}
	for (uint32_t i = 0; i < machine->n_enabled; i++) {
		machine->port->taken(machine->self, machine->enabled[i]);
		if (!apl_machine_run(machine, chart->transitions[machine->enabled[i]].block)) return false;
	}
	for (uint32_t i = 0; i < machine->n_enabled; i++)
		if (machine->domains[i] != APL_NONE && !enter_targets(machine, machine->enabled[i], machine->domains[i])) return false;
	return true;
}

bool apl_machine_enter_initial(apl_machine *machine) {
	machine->moved = true;
	machine->entry.history = machine->history;
	apl_entry_compute_initial(machine->chart, &machine->entry);
	return enter_computed(machine, 0, machine->chart->n_states);
}

bool apl_machine_exit_all(apl_machine *machine) {
	return leave_range(machine, 0, machine->chart->n_states);
}
