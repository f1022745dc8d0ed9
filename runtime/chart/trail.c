/* SPDX-License-Identifier: MIT */
/*
 * Decides what a case entered by the transitions that it took: the same
 * entry sets and histories as when it took them, one transition after the other.
 */
#include "chart/trail.h"

#include <string.h>

#include "chart/entry.h"

static size_t set_size(const apl_chart *chart) {
	return chart->n_words * sizeof(uint64_t);
}

bool apl_trail_init(apl_trail *trail, const apl_chart *chart) {
	const apl_alloc *alloc = &chart->alloc;
	*trail = (apl_trail){.chart = chart};
	trail->entered = apl_new(alloc, chart->n_states * sizeof *trail->entered);
	trail->last = apl_new(alloc, chart->n_states * sizeof *trail->last);
	trail->taken = apl_new(alloc, chart->n_transitions * sizeof *trail->taken + 1);
	trail->active = apl_new(alloc, set_size(chart));
	trail->history = apl_new(alloc, chart->n_history_slots * set_size(chart) + 1);
	trail->entering = apl_new(alloc, set_size(chart));
	trail->defaults = apl_new(alloc, set_size(chart));
	trail->defaulted = apl_new(alloc, chart->n_history_slots * sizeof *trail->defaulted + 1);
	return trail->entered != NULL && trail->last != NULL && trail->taken != NULL && trail->active != NULL && trail->history != NULL &&
	       trail->entering != NULL && trail->defaults != NULL && trail->defaulted != NULL;
}

void apl_trail_dispose(apl_trail *trail) {
	const apl_chart *chart = trail->chart;
	const apl_alloc *alloc = &chart->alloc;
	apl_free(alloc, trail->entered, chart->n_states * sizeof *trail->entered);
	apl_free(alloc, trail->last, chart->n_states * sizeof *trail->last);
	apl_free(alloc, trail->taken, chart->n_transitions * sizeof *trail->taken + 1);
	apl_free(alloc, trail->active, set_size(chart));
	apl_free(alloc, trail->history, chart->n_history_slots * set_size(chart) + 1);
	apl_free(alloc, trail->entering, set_size(chart));
	apl_free(alloc, trail->defaults, set_size(chart));
	apl_free(alloc, trail->defaulted, chart->n_history_slots * sizeof *trail->defaulted + 1);
}

static void enter(apl_trail *trail, uint32_t state, aplomb_instant at) {
	apl_set_add(trail->active, state);
	trail->entered[state]++;
	trail->last[state] = at;
}

static void enter_computed(apl_trail *trail, uint32_t first, uint32_t end, aplomb_instant at) {
	for (uint32_t s = apl_set_next(trail->entering, first, end); s != APL_NONE; s = apl_set_next(trail->entering, s + 1, end))
		enter(trail, s, at);
}

static apl_entry entry_of(apl_trail *trail) {
	return (apl_entry){.history = trail->history, .states = trail->entering, .defaults = trail->defaults, .defaulted = trail->defaulted};
}

void apl_trail_open(apl_trail *trail, aplomb_instant at) {
	apl_entry entry = entry_of(trail);
	trail->is_open = true;
	memset(trail->active, 0, set_size(trail->chart));
	apl_entry_compute_initial(trail->chart, &entry);
	enter_computed(trail, 0, trail->chart->n_states, at);
}

/* What the histories of a state that is left remember. */
static void record(apl_trail *trail, uint32_t number) {
	const apl_chart *chart = trail->chart;
	const apl_state *state = &chart->states[number];
	for (uint32_t i = 0; i < state->n_history; i++) {
		const apl_state *history = &chart->states[chart->histories[state->first_history + i]];
		uint64_t *set = trail->history + (size_t)history->history * chart->n_words;
		bool deep = history->kind == APL_HISTORY_DEEP;
		memset(set, 0, set_size(chart));
		uint32_t s = apl_set_next(trail->active, number + 1, state->end);
		while (s != APL_NONE) {
			if (!deep || apl_set_has(chart->leaves, s)) apl_set_add(set, s);
			s = apl_set_next(trail->active, deep ? s + 1 : chart->states[s].end, state->end);
		}
	}
}

void apl_trail_take(apl_trail *trail, uint32_t number, aplomb_instant at) {
	const apl_chart *chart = trail->chart;
	const apl_transition *transition = &chart->transitions[number];
	trail->taken[number]++;
	trail->n_taken++;
	if (transition->n_targets == 0) return;
	uint32_t domain = (transition->flags & APL_DYNAMIC) != 0 ? apl_entry_domain(chart, trail->history, transition) : transition->domain;
	uint32_t end = chart->states[domain].end;
	for (uint32_t s = apl_set_next(trail->active, domain + 1, end); s != APL_NONE; s = apl_set_next(trail->active, s + 1, end))
		record(trail, s);
	for (uint32_t s = apl_set_next(trail->active, domain + 1, end); s != APL_NONE; s = apl_set_next(trail->active, s + 1, end))
		apl_set_remove(trail->active, s);
	apl_entry entry = entry_of(trail);
	apl_entry_compute(chart, &entry, transition, domain);
	enter_computed(trail, domain + 1, end, at);
}

void apl_trail_stands(apl_trail *trail, const uint64_t *leaves, aplomb_instant at) {
	const apl_chart *chart = trail->chart;
	if (!apl_set_meets(leaves, 0, chart->n_states)) return;
	memset(trail->entering, 0, set_size(chart));
	for (uint32_t s = apl_set_next(leaves, 0, chart->n_states); s != APL_NONE; s = apl_set_next(leaves, s + 1, chart->n_states))
		for (uint32_t up = s; up != APL_NONE && !apl_set_has(trail->entering, up); up = chart->states[up].parent)
			apl_set_add(trail->entering, up);
	for (uint32_t s = apl_set_next(trail->entering, 0, chart->n_states); s != APL_NONE;
	     s = apl_set_next(trail->entering, s + 1, chart->n_states))
		if (!apl_set_has(trail->active, s)) enter(trail, s, at);
	memcpy(trail->active, trail->entering, set_size(chart));
}

void apl_trail_close(apl_trail *trail) {
	trail->has_ended = true;
}

static bool has_targets(const apl_chart *chart, const apl_transition *transition, const apl_trail_step *step) {
	if (transition->n_targets != step->n_to) return false;
	for (uint32_t i = 0; i < step->n_to; i++)
		if (strcmp(chart->states[chart->targets[transition->first_target + i]].path, step->to[i]) != 0) return false;
	return true;
}

/* A delay's name may be an event's as well only in imported charts. */
static bool listens(const apl_chart *chart, const apl_transition *transition, const apl_trail_step *step) {
	if (step->on == NULL || (transition->flags & APL_EVENTLESS) != 0) return step->on == NULL && (transition->flags & APL_EVENTLESS) != 0;
	if ((transition->flags & APL_DELAYED) != 0) return strcmp(chart->patterns[transition->first_pattern], step->on) == 0;
	for (uint32_t i = 0; i < transition->n_patterns; i++)
		if (apl_pattern_matches(chart->patterns[transition->first_pattern + i], step->on, strlen(step->on))) return true;
	return false;
}

uint32_t apl_trail_find(const apl_trail *trail, const apl_trail_step *step) {
	const apl_chart *chart = trail->chart;
	uint32_t source = apl_chart_state(chart, step->from, strlen(step->from));
	uint32_t best = APL_NONE;
	int best_fit = -1;
	if (source == APL_NONE) return APL_NONE;
	const apl_state *state = &chart->states[source];
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if (!has_targets(chart, transition, step) || !listens(chart, transition, step)) continue;
		const char *because = transition->because != NULL ? transition->because : "";
		int fit = (step->line != 0 && transition->place.line == step->line ? 2 : 0) +
		          (strcmp(because, step->because != NULL ? step->because : "") == 0 ? 1 : 0);
		if (fit <= best_fit) continue;
		best = i;
		best_fit = fit;
	}
	return best;
}
