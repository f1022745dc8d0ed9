/* SPDX-License-Identifier: MIT */
/*
 * Decides whether states that a snapshot names can be active together, and
 * whether a history can remember what it is said to. The machine relies on
 * both: it never looks whether a region has one active child.
 */

#include "engine/inside.h"

#include <string.h>

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

/* Of a compound state one child is in the set, of a parallel one all, of any other none, and no history state. */
static bool has_its_children(const apl_chart *chart, const uint64_t *set, uint32_t number) {
	const apl_state *state = &chart->states[number];
	uint32_t active = 0, children = 0;
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end) {
		bool is_in = apl_set_has(set, child);
		if (is_history(&chart->states[child])) {
			if (is_in) return false;
			continue;
		}
		children++;
		active += is_in;
	}
	if (state->kind == APL_COMPOUND) return active == 1;
	return active == children && (children == 0 || state->kind == APL_PARALLEL);
}

/* [top] is in the set; what is in it below belongs together. */
static bool is_legal_below(const apl_chart *chart, const uint64_t *set, uint32_t top) {
	for (uint32_t i = top; i < chart->states[top].end; i++) {
		if (!apl_set_has(set, i)) continue;
		if (i != top && !apl_set_has(set, chart->states[i].parent)) return false;
		if (!has_its_children(chart, set, i)) return false;
	}
	return true;
}

bool apl_configuration_is_legal(const apl_chart *chart, const uint64_t *set) {
	return apl_set_has(set, 0) && is_legal_below(chart, set, 0);
}

bool apl_history_is_legal(const apl_chart *chart, uint32_t history, const uint64_t *remembered, uint64_t *scratch) {
	const apl_state *state = &chart->states[history];
	const uint32_t parent = state->parent;
	memset(scratch, 0, chart->n_words * sizeof *scratch);
	for (uint32_t i = 0; i < chart->n_states; i++) {
		if (!apl_set_has(remembered, i)) continue;
		if (i <= parent || i >= chart->states[parent].end) return false;
		if (state->kind == APL_HISTORY_SHALLOW && chart->states[i].parent != parent) return false;
		/* A deep one remembers what was active at the bottom. */
		if (state->kind == APL_HISTORY_DEEP && chart->states[i].kind != APL_ATOMIC && chart->states[i].kind != APL_FINAL) return false;
		for (uint32_t up = i; up != parent; up = chart->states[up].parent) apl_set_add(scratch, up);
	}
	return state->kind == APL_HISTORY_SHALLOW ? has_its_children(chart, scratch, parent)
	                                          : (apl_set_add(scratch, parent), is_legal_below(chart, scratch, parent));
}
