/* SPDX-License-Identifier: MIT */
/*
 * Decides where eventless transitions lead one to another for ever. Only what is
 * certain is told: every way that a leaf's eventless candidates may go, up to the
 * first without a guard, ends in a leaf of which the same is true. So guards
 * do not matter, unless all of them are false and nothing comes behind them.
 */
#include <stdio.h>
#include <string.h>

#include "chart/exploring.h"

enum { MOST_SHOWN = 6 };

/* The one leaf that entering [state] leads to; APL_NONE: several, or it depends on the past. */
static uint32_t only_leaf(const apl_chart *chart, uint32_t number) {
	for (;;) {
		const apl_state *state = &chart->states[number];
		if (state->kind == APL_ATOMIC) return number;
		if (state->kind != APL_COMPOUND || chart->transitions[state->initial].n_targets != 1) return APL_NONE;
		number = chart->targets[chart->transitions[state->initial].first_target];
	}
}

/* Where the leaf goes with the transition; targetless ones stay. */
static uint32_t next_leaf(const apl_chart *chart, uint32_t leaf, const apl_transition *transition) {
	if (transition->n_targets == 0) return leaf;
	if (transition->n_targets > 1) return APL_NONE;
	return only_leaf(chart, chart->targets[transition->first_target]);
}

/* In a region other transitions may come in between and lead out. */
static bool is_in_region(const apl_chart *chart, uint32_t state) {
	for (uint32_t s = state; s != APL_NONE; s = chart->states[s].parent)
		if (chart->states[s].kind == APL_PARALLEL) return true;
	return false;
}

/*
 * Asks of the leaf's candidates in the order in which they are tried. [sure]
 * says of which leaves it is still believed that they never rest. The first way is
 * the answer; APL_NONE: the leaf may come to rest.
 */
static uint32_t first_way(const apl_chart *chart, uint32_t leaf, const bool *sure) {
	uint32_t first = APL_NONE;
	for (uint32_t s = leaf; s != APL_NONE; s = chart->eventless[s].up) {
		const apl_candidate_row *row = &chart->eventless[s];
		for (uint32_t i = 0; i < row->count; i++) {
			const apl_transition *transition = &chart->transitions[chart->candidates[row->first + i]];
			uint32_t next = next_leaf(chart, leaf, transition);
			if (next == APL_NONE || !sure[next]) return APL_NONE;
			if (first == APL_NONE) first = next;
			if (transition->guard == APL_NO_HANDLER) return first;
		}
	}
	return APL_NONE;
}

static bool has_unguarded(const apl_chart *chart, uint32_t leaf) {
	for (uint32_t s = leaf; s != APL_NONE; s = chart->eventless[s].up)
		for (uint32_t i = 0; i < chart->eventless[s].count; i++)
			if (chart->transitions[chart->candidates[chart->eventless[s].first + i]].guard == APL_NO_HANDLER) return true;
	return false;
}

static void tell_circle(apl_exploring *e, uint32_t leaf, const bool *sure) {
	const apl_chart *chart = e->chart;
	apl_buf way;
	apl_buf_init(&way, &chart->alloc);
	uint32_t at = leaf;
	for (unsigned i = 0; i < MOST_SHOWN; i++) {
		if (i > 0) APL_BUF_LITERAL(&way, " \xe2\x86\x92 "); /* → */
		if (i == MOST_SHOWN - 1 && at != leaf)
			APL_BUF_LITERAL(&way, "\xe2\x80\xa6");
		else
			apl_buf_text(&way, chart->states[at].path);
		if (i > 0 && at == leaf) break;
		at = first_way(chart, at, sure);
	}
	apl_found(e->findings, APLOMB_WARNING, "endless-always", chart->states[leaf].place,
	    "%s: its always leads on and on without coming to rest: %s; a step that comes here breaks its limit", apl_explore_who(e, leaf),
	    apl_buf_terminate(&way));
	e->no_memory = e->no_memory || way.failed;
	apl_buf_dispose(&way);
}

bool apl_explore_always(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	bool *sure = apl_arena_take(&e->work, chart->n_states);
	uint32_t *seen = apl_arena_take(&e->work, chart->n_states * sizeof *seen); /* by which walk */
	if (sure == NULL || seen == NULL) return false;
	memset(seen, 0, chart->n_states * sizeof *seen);
	bool any = false;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		sure[i] = chart->states[i].kind == APL_ATOMIC && e->reached[i] && apl_set_has(chart->eventless_takers, i) &&
		          has_unguarded(chart, i) && !is_in_region(chart, i);
		any = any || sure[i];
	}
	/* Doubt spreads back along the ways until nothing changes. A chain of n takes n rounds at worst, so rounds are bounded. */
	bool changed = any;
	for (unsigned round = 0; changed && round < 1000; round++) {
		changed = false;
		for (uint32_t i = chart->n_states; i-- > 0;) {
			if (!sure[i] || first_way(chart, i, sure) != APL_NONE) continue;
			sure[i] = false;
			changed = true;
		}
	}
	if (changed || !any) return true; /* still in doubt: nothing is told */
	for (uint32_t i = 0; i < chart->n_states; i++) {
		if (!sure[i] || seen[i] != 0) continue;
		uint32_t at = i;
		while (seen[at] == 0) {
			seen[at] = i + 1;
			at = first_way(chart, at, sure);
		}
		if (seen[at] == i + 1) tell_circle(e, at, sure);
	}
	return true;
}
