/* SPDX-License-Identifier: MIT */
/*
 * Decides which transitions an event enables and which of them preempt which:
 * selectTransitions, selectEventlessTransitions and removeConflictingTransitions
 * of SCXML's Appendix D. It takes none of them.
 */
#include <string.h>

#include "step/inside.h"

static __attribute__((noinline, cold)) void tell_weighed(apl_machine *machine, uint32_t number, int answer) {
	machine->watcher->weighed(machine->self, number, answer);
}

/* Does the guard hold? An erring one does not; look at machine->failure as well. */
static inline bool holds(apl_machine *machine, uint32_t number) {
	int32_t guard = machine->chart->transitions[number].guard;
	bool is_watched = __builtin_expect(machine->watcher != NULL, 0);
	if (guard == APL_NO_HANDLER) {
		if (is_watched) tell_weighed(machine, number, APL_PORT_TRUE);
		return true;
	}
	if (machine->any_erred && machine->on_error && apl_set_has(machine->erred, number)) {
		if (is_watched) tell_weighed(machine, number, APL_PORT_ERROR);
		return false;
	}
	int answer = machine->port->guard(machine->self, guard);
	if (is_watched) tell_weighed(machine, number, answer);
	if (answer >= 0) return answer == APL_PORT_TRUE && machine->failure == APL_STEP_STABLE;
	if (answer == APL_PORT_BREACH) return apl_machine_fail(machine, APL_STEP_BREACH);
	machine->any_erred = true;
	apl_set_add(machine->erred, number);
	return false;
}

static inline uint32_t choose_of_row(apl_machine *machine, const apl_candidate_row *row, bool is_outside) {
	const uint32_t *candidate = machine->chart->candidates + row->first, *end = candidate + row->count;
	for (; candidate < end; candidate++) {
		if (!is_outside && (machine->chart->transitions[*candidate].flags & APL_DEFERS) != 0) continue;
		if (holds(machine, *candidate)) return *candidate;
		if (machine->failure != APL_STEP_STABLE) break;
	}
	return APL_NONE;
}

/* For events and charts without rows. */
static uint32_t choose_by_name(apl_machine *machine, uint32_t state, const apl_step_event *event, bool is_outside) {
	const apl_chart *chart = machine->chart;
	uint32_t end = chart->states[state].first_transition + chart->states[state].n_transitions;
	for (uint32_t i = chart->states[state].first_transition; i < end; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if (!is_outside && (transition->flags & APL_DEFERS) != 0) continue;
		if (!apl_chart_listens(chart, transition, event->number, event->name, event->size)) continue;
		if (holds(machine, i)) return i;
		if (machine->failure != APL_STEP_STABLE) break;
	}
	return APL_NONE;
}

static inline void enable(apl_machine *machine, uint32_t number) {
	const apl_transition *transition = &machine->chart->transitions[number];
	if ((transition->flags & APL_DEFERS) != 0) {
		machine->deferring = number;
		return;
	}
	machine->enabled[machine->n_enabled] = number;
	machine->domains[machine->n_enabled++] =
	    (transition->flags & APL_DYNAMIC) != 0 ? apl_entry_domain(machine->chart, machine->history, transition) : transition->domain;
}

/*
 * The first transition that is enabled, up from a leaf: only states that have
 * candidates for the event are looked at. [is_outside]: the event may be deferred.
 */
static inline void select_in_rows(apl_machine *machine, uint32_t leaf, const apl_candidate_row *rows, bool is_outside) {
	/* The leaf itself may have none. */
	for (uint32_t state = rows[leaf].count > 0 ? leaf : rows[leaf].up; state != APL_NONE; state = rows[state].up) {
		const apl_candidate_row *row = &rows[state];
		if (row->shared && machine->asked[state] == machine->selection) {
			if (machine->answer[state] != APL_NONE) return; /* enabled already, for a leaf before this one */
			continue;
		}
		uint32_t chosen = choose_of_row(machine, row, is_outside);
		if (machine->failure != APL_STEP_STABLE) return;
		if (row->shared) {
			machine->asked[state] = machine->selection;
			machine->answer[state] = chosen;
		}
		if (chosen == APL_NONE) continue;
		enable(machine, chosen);
		return;
	}
}

/* The same for events and charts without rows: candidates are found by the event's name. */
static void select_by_name(apl_machine *machine, uint32_t leaf, const apl_step_event *event, bool is_outside) {
	const apl_chart *chart = machine->chart;
	for (uint32_t state = leaf; state != APL_NONE; state = chart->states[state].parent) {
		bool shared = chart->states[state].shared;
		if (shared && machine->asked[state] == machine->selection) {
			if (machine->answer[state] != APL_NONE) return;
			continue;
		}
		uint32_t chosen = choose_by_name(machine, state, event, is_outside);
		if (machine->failure != APL_STEP_STABLE) return;
		if (shared) {
			machine->asked[state] = machine->selection;
			machine->answer[state] = chosen;
		}
		if (chosen == APL_NONE) continue;
		enable(machine, chosen);
		return;
	}
}

/*
 * Do two transitions leave a state in common? What one leaves are the active
 * descendants of its domain, and an active domain has some (it is the root or
 * a compound state). Subtrees are nested or disjoint, so the exit sets meet
 * exactly when one domain lies in the other.
 */
static bool conflict(const apl_chart *chart, uint32_t a, uint32_t b) {
	if (a == APL_NONE || b == APL_NONE) return false; /* targetless: leaves nothing */
	return a == b || apl_chart_is_descendant(chart, a, b) || apl_chart_is_descendant(chart, b, a);
}

static void remove_conflicting(apl_machine *machine) {
	const apl_chart *chart = machine->chart;
	uint32_t *enabled = machine->enabled;
	uint32_t *domains = machine->domains;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < machine->n_enabled; i++) {
		uint32_t source = chart->transitions[enabled[i]].source;
		bool preempted = false;
		bool preempts = false;
		for (uint32_t k = 0; k < kept && !preempted; k++) {
			if (!conflict(chart, domains[i], domains[k])) continue;
			/* The earlier one wins, unless this one's source lies deeper in the earlier one's. */
			if (apl_chart_is_descendant(chart, source, chart->transitions[enabled[k]].source)) {
				preempts = true;
			} else {
				preempted = true;
				if (machine->watcher != NULL) machine->watcher->preempted(machine->self, enabled[i], enabled[k]);
			}
		}
		if (preempted) continue;
		if (preempts) {
			/* All it conflicts with are ancestors' transitions, or it would be preempted. */
			uint32_t left = 0;
			for (uint32_t k = 0; k < kept; k++) {
				if (conflict(chart, domains[i], domains[k])) {
					if (machine->watcher != NULL) machine->watcher->preempted(machine->self, enabled[k], enabled[i]);
					continue;
				}
				enabled[left] = enabled[k];
				domains[left++] = domains[k];
			}
			kept = left;
		}
		enabled[kept] = enabled[i];
		domains[kept++] = domains[i];
	}
	machine->n_enabled = kept;
}

bool apl_machine_select(apl_machine *machine, const apl_step_event *event, bool is_outside) {
	const apl_chart *chart = machine->chart;
	const uint64_t *takers = chart->leaves;
	const apl_candidate_row *rows = NULL;
	if (event == NULL) {
		takers = chart->eventless_takers;
		rows = chart->eventless;
	} else if (event->number >= 0) {
		takers = chart->takers + (size_t)event->number * chart->n_words;
		if (chart->rows != NULL) rows = chart->rows + (size_t)event->number * chart->n_states;
	}
	machine->n_enabled = 0;
	machine->deferring = APL_NONE;
	if (++machine->selection == 0) {
		memset(machine->asked, 0, machine->room_states * sizeof *machine->asked);
		machine->selection = 1;
	}
	uint32_t word = 0;
	do {
		for (uint64_t bits = machine->configuration[word] & takers[word]; bits != 0; bits &= bits - 1) {
			uint32_t leaf = (word << 6) + (uint32_t)__builtin_ctzll(bits);
			if (rows != NULL)
				select_in_rows(machine, leaf, rows, is_outside);
			else
				select_by_name(machine, leaf, event, is_outside);
			if (machine->failure != APL_STEP_STABLE) return false;
		}
	} while (++word < chart->n_words);
	if (machine->n_enabled > 1) remove_conflicting(machine);
	if (machine->watcher != NULL) machine->watcher->selected(machine->self, event, is_outside);
	return true;
}
