/* SPDX-License-Identifier: MIT */
/*
 * Decides domains and entry sets as SCXML's Appendix D does; the functions
 * carry its names. It decides neither which transitions are taken nor in which
 * order things happen.
 *
 * Recursion goes at most as deep as states are nested, twice where histories
 * are met; the builder bounds the nesting.
 */
#include "chart/entry.h"

static uint64_t bits_from(uint32_t state) {
	return UINT64_MAX << (state & 63u);
}

/* The bits below [end] in the word that holds end - 1. */
static uint64_t bits_below(uint32_t end) {
	return UINT64_MAX >> ((64u - (end & 63u)) & 63u);
}

bool apl_set_meets(const uint64_t *set, uint32_t first, uint32_t end) {
	if (first >= end) return false;
	uint32_t word = first >> 6;
	uint32_t last = (end - 1) >> 6;
	uint64_t bits = set[word] & bits_from(first);
	for (; word < last; bits = set[++word])
		if (bits != 0) return true;
	return (bits & bits_below(end)) != 0;
}

uint32_t apl_set_next(const uint64_t *set, uint32_t first, uint32_t end) {
	if (first >= end) return APL_NONE;
	uint32_t word = first >> 6;
	uint32_t last = (end - 1) >> 6;
	uint64_t bits = set[word] & bits_from(first);
	while (bits == 0 && word < last) bits = set[++word];
	if (bits == 0) return APL_NONE;
	uint32_t state = (word << 6) + (uint32_t)__builtin_ctzll(bits);
	return state < end ? state : APL_NONE;
}

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

/* What the history state remembers, or NULL. What is recorded lies below its parent, so no other words need a look. */
static const uint64_t *recorded(const apl_chart *chart, const uint64_t *history, const apl_state *state) {
	if (history == NULL) return NULL;
	const uint64_t *set = history + (size_t)state->history * chart->n_words;
	const apl_state *parent = &chart->states[state->parent];
	return apl_set_meets(set, state->parent + 1, parent->end) ? set : NULL;
}

/* Are all effective targets (getEffectiveTargetStates) descendants of [ancestor]? */
static bool targets_descend(const apl_chart *chart, const uint64_t *history, const apl_transition *transition, uint32_t ancestor) {
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		const apl_state *state = &chart->states[target];
		if (!is_history(state)) {
			if (!apl_chart_is_descendant(chart, target, ancestor)) return false;
			continue;
		}
		const uint64_t *set = recorded(chart, history, state);
		if (set == NULL) {
			if (!targets_descend(chart, history, &chart->transitions[state->initial], ancestor)) return false;
			continue;
		}
		uint32_t end = chart->states[state->parent].end;
		for (uint32_t s = apl_set_next(set, state->parent + 1, end); s != APL_NONE; s = apl_set_next(set, s + 1, end))
			if (!apl_chart_is_descendant(chart, s, ancestor)) return false;
	}
	return true;
}

uint32_t apl_entry_domain(const apl_chart *chart, const uint64_t *history, const apl_transition *transition) {
	uint32_t source = transition->source;
	if ((transition->flags & APL_INTERNAL) != 0 && chart->states[source].kind == APL_COMPOUND &&
	    targets_descend(chart, history, transition, source))
		return source;
	/* findLCCA over compound ancestors; the root ends the search whatever its kind, being SCXML's <scxml>, and its own transitions too. */
	while (source != 0) {
		source = chart->states[source].parent;
		if (source == 0) break;
		if (chart->states[source].kind == APL_COMPOUND && targets_descend(chart, history, transition, source)) break;
	}
	return source;
}

static void add_descendants(const apl_chart *chart, apl_entry *entry, uint32_t number);
static void add_ancestors(const apl_chart *chart, apl_entry *entry, uint32_t state, uint32_t ancestor);
static void add_targets(const apl_chart *chart, apl_entry *entry, const apl_transition *transition, uint32_t ancestor);

/* D keys the content by the history's parent, so that a later default of the same parent takes the place of an earlier one. */
static void note_default(const apl_chart *chart, apl_entry *entry, uint32_t history) {
	for (uint32_t i = 0; i < entry->n_defaulted; i++) {
		if (chart->states[entry->defaulted[i]].parent != chart->states[history].parent) continue;
		entry->defaulted[i] = history;
		return;
	}
	entry->defaulted[entry->n_defaulted++] = history;
}

/* The regions of a parallel into which nothing else leads. */
static void add_other_regions(const apl_chart *chart, apl_entry *entry, const apl_state *parallel) {
	for (uint32_t child = parallel->first_child; child < parallel->end; child = chart->states[child].end)
		if (!is_history(&chart->states[child]) && !apl_set_meets(entry->states, child + 1, chart->states[child].end))
			add_descendants(chart, entry, child);
}

static void add_descendants(const apl_chart *chart, apl_entry *entry, uint32_t number) {
	const apl_state *state = &chart->states[number];
	if (is_history(state)) {
		entry->met_history = true;
		const uint64_t *set = recorded(chart, entry->history, state);
		if (set == NULL) {
			note_default(chart, entry, number);
			add_targets(chart, entry, &chart->transitions[state->initial], state->parent);
			return;
		}
		uint32_t end = chart->states[state->parent].end;
		for (uint32_t s = apl_set_next(set, state->parent + 1, end); s != APL_NONE; s = apl_set_next(set, s + 1, end))
			add_descendants(chart, entry, s);
		for (uint32_t s = apl_set_next(set, state->parent + 1, end); s != APL_NONE; s = apl_set_next(set, s + 1, end))
			add_ancestors(chart, entry, s, state->parent);
		return;
	}
	apl_set_add(entry->states, number);
	if (state->kind == APL_COMPOUND) {
		apl_set_add(entry->defaults, number);
		add_targets(chart, entry, &chart->transitions[state->initial], number);
	} else if (state->kind == APL_PARALLEL) {
		add_other_regions(chart, entry, state);
	}
}

/* addAncestorStatesToEnter: from [state] outward, up to but without [ancestor]. */
static void add_ancestors(const apl_chart *chart, apl_entry *entry, uint32_t state, uint32_t ancestor) {
	for (uint32_t above = chart->states[state].parent; above != ancestor; above = chart->states[above].parent) {
		apl_set_add(entry->states, above);
		if (chart->states[above].kind == APL_PARALLEL) add_other_regions(chart, entry, &chart->states[above]);
	}
}

static void add_effective_ancestors(const apl_chart *chart, apl_entry *entry, const apl_transition *transition, uint32_t ancestor) {
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		const apl_state *state = &chart->states[target];
		if (!is_history(state)) {
			add_ancestors(chart, entry, target, ancestor);
			continue;
		}
		const uint64_t *set = recorded(chart, entry->history, state);
		if (set == NULL) {
			add_effective_ancestors(chart, entry, &chart->transitions[state->initial], ancestor);
			continue;
		}
		uint32_t end = chart->states[state->parent].end;
		for (uint32_t s = apl_set_next(set, state->parent + 1, end); s != APL_NONE; s = apl_set_next(set, s + 1, end))
			add_ancestors(chart, entry, s, ancestor);
	}
}

/* What D does for an initial transition or a history's default: all targets with what lies below them, then what lies above. */
static void add_targets(const apl_chart *chart, apl_entry *entry, const apl_transition *transition, uint32_t ancestor) {
	const uint32_t *targets = chart->targets + transition->first_target;
	for (uint32_t i = 0; i < transition->n_targets; i++) add_descendants(chart, entry, targets[i]);
	for (uint32_t i = 0; i < transition->n_targets; i++) add_ancestors(chart, entry, targets[i], ancestor);
}

static void forget(const apl_chart *chart, apl_entry *entry, uint32_t domain) {
	for (uint32_t word = domain >> 6; word <= (chart->states[domain].end - 1) >> 6; word++) entry->states[word] = entry->defaults[word] = 0;
	entry->n_defaulted = 0;
	entry->met_history = false;
}

void apl_entry_compute(const apl_chart *chart, apl_entry *entry, const apl_transition *transition, uint32_t domain) {
	forget(chart, entry, domain);
	for (uint32_t i = 0; i < transition->n_targets; i++) add_descendants(chart, entry, chart->targets[transition->first_target + i]);
	add_effective_ancestors(chart, entry, transition, domain);
	/* Only the root can be both: where it is a parallel, all its regions were left, and all are entered. */
	if (chart->states[domain].kind == APL_PARALLEL) add_other_regions(chart, entry, &chart->states[domain]);
}

void apl_entry_compute_initial(const apl_chart *chart, apl_entry *entry) {
	forget(chart, entry, 0);
	add_descendants(chart, entry, 0);
}
