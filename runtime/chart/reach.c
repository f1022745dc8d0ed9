/* SPDX-License-Identifier: MIT */
/*
 * Decides which states some way leads to. Every transition counts as possible,
 * whatever its guard and event, so that what is not reached here is never
 * reached.
 */
#include <string.h>

#include "chart/draft.h"

typedef struct reach {
	const apl_chart *chart;
	bool *entered; /* some way leads in */
	bool *aimed;   /* as a target, or by default: was on the stack */
	uint32_t *stack;
	uint32_t count;
} reach;

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

static void aim_at(reach *r, uint32_t state) {
	if (r->aimed[state]) return;
	r->aimed[state] = true;
	r->stack[r->count++] = state;
}

static void aim_at_targets(reach *r, const apl_transition *transition) {
	for (uint32_t i = 0; i < transition->n_targets; i++) aim_at(r, r->chart->targets[transition->first_target + i]);
}

/* Has the state a shallow history that some way leads to? Then it may come back to any child that it was in, and begin anew in there. */
static bool is_restored(const reach *r, uint32_t parent) {
	const apl_state *state = &r->chart->states[parent];
	for (uint32_t i = 0; i < state->n_history; i++) {
		uint32_t history = r->chart->histories[state->first_history + i];
		if (r->chart->states[history].kind == APL_HISTORY_SHALLOW && r->entered[history]) return true;
	}
	return false;
}

static void enter(reach *r, uint32_t number) {
	const apl_state *state = &r->chart->states[number];
	r->entered[number] = true;
	if (number != 0 && is_restored(r, r->chart->states[number].parent)) aim_at(r, number);
	if (state->kind == APL_HISTORY_SHALLOW) {
		for (uint32_t child = state->parent + 1; child < r->chart->states[state->parent].end; child = r->chart->states[child].end)
			if (r->entered[child]) aim_at(r, child);
	}
	for (uint32_t i = 0; i < state->n_transitions; i++) aim_at_targets(r, &r->chart->transitions[state->first_transition + i]);
	if (state->kind != APL_PARALLEL) return;
	for (uint32_t child = state->first_child; child < state->end; child = r->chart->states[child].end)
		if (!is_history(&r->chart->states[child])) aim_at(r, child);
}

bool apl_reach(const apl_chart *chart, apl_arena *work, bool *entered) {
	uint32_t n = chart->n_states;
	reach r = {.chart = chart, .entered = entered};
	r.aimed = apl_arena_take(work, n * sizeof *r.aimed);
	r.stack = apl_arena_take(work, n * sizeof *r.stack);
	if (r.aimed == NULL || r.stack == NULL) return false;
	memset(entered, 0, n * sizeof *entered);
	memset(r.aimed, 0, n * sizeof *r.aimed);
	aim_at(&r, 0);
	while (r.count > 0) {
		uint32_t number = r.stack[--r.count];
		for (uint32_t s = number; s != APL_NONE && !r.entered[s]; s = chart->states[s].parent) enter(&r, s);
		if (chart->states[number].initial != APL_NONE) aim_at_targets(&r, &chart->transitions[chart->states[number].initial]);
	}
	return true;
}
