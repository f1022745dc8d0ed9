/* SPDX-License-Identifier: MIT */
/*
 * Decides what is computed once for a chart so that a step need not: domains,
 * entry plans, and who listens to what. The chart is known to be sound here.
 *
 * Small charts get a row of candidates for every pair of event and state.
 * A pair costs 8 bytes, so a chart with more than MOST_ROWS pairs, or more than
 * MOST_CANDIDATES candidates in them, gets none: there the machine reads the
 * descriptors of the transitions of a state itself (apl_chart_listens). The sets of
 * takers, one bit for an event and a state, are made for every chart.
 */
#include <stdlib.h>
#include <string.h>

#include "chart/draft.h"
#include "chart/entry.h"

#define TAKE(finish, count, type) ((type *)apl_arena_take((finish)->arena, (size_t)(count) * sizeof(type)))
#define WORK(finish, count, type) ((type *)apl_arena_take(&(finish)->work, (size_t)(count) * sizeof(type)))

enum {
	MOST_ROWS = 1 << 21,
	MOST_CANDIDATES = 1 << 22,
	MOST_PLANNED = 32 /* states a plan may hold; a larger entry set is computed when it is needed */
};

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

static uint64_t *take_sets(apl_finish *finish, size_t count) {
	size_t words = count * finish->chart->n_words;
	uint64_t *sets = TAKE(finish, words, uint64_t);
	if (sets != NULL) memset(sets, 0, words * sizeof *sets);
	return sets;
}

static bool mark_states(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	chart->leaves = take_sets(finish, 1);
	chart->historians = take_sets(finish, 1);
	if (chart->leaves == NULL || chart->historians == NULL) return false;
	for (uint32_t i = chart->n_states; i-- > 0;) {
		apl_state *state = &chart->states[i];
		if (state->kind == APL_ATOMIC || state->kind == APL_FINAL) apl_set_add(chart->leaves, i);
		if (state->n_history > 0) apl_set_add(chart->historians, i);
		if (state->kind == APL_PARALLEL) state->shared = true;
		/* Children come before their parent here, for the numbers go down. */
		if (state->shared && i > 0) chart->states[state->parent].shared = true;
	}
	return true;
}

static void find_domains(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < finish->n_regular; i++) {
		apl_transition *transition = &chart->transitions[i];
		for (uint32_t t = 0; t < transition->n_targets; t++)
			if (is_history(&chart->states[chart->targets[transition->first_target + t]])) transition->flags |= APL_DYNAMIC;
		if (transition->n_targets > 0 && (transition->flags & APL_DYNAMIC) == 0)
			transition->domain = apl_entry_domain(chart, NULL, transition);
	}
}

/* How many states of (domain .. end) are in the set; stops counting beyond MOST_PLANNED. */
static uint32_t count_entered(const apl_chart *chart, const apl_entry *entry, uint32_t domain) {
	uint32_t count = 0;
	uint32_t end = chart->states[domain].end;
	for (uint32_t s = apl_set_next(entry->states, domain + 1, end); s != APL_NONE && count <= MOST_PLANNED;
	     s = apl_set_next(entry->states, s + 1, end))
		count++;
	return count;
}

static bool make_plans(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	apl_entry entry = {.history = NULL};
	uint32_t capacity = 0;
	uint32_t count = 0;
	apl_plan_step *steps = NULL;
	bool made = false;
	entry.states = WORK(finish, chart->n_words, uint64_t);
	entry.defaults = WORK(finish, chart->n_words, uint64_t);
	entry.defaulted = WORK(finish, chart->n_history_slots, uint32_t);
	chart->plans = TAKE(finish, chart->n_transitions, apl_plan);
	if (entry.states == NULL || entry.defaults == NULL || entry.defaulted == NULL || chart->plans == NULL) return false;
	memset(entry.states, 0, chart->n_words * sizeof *entry.states);
	memset(entry.defaults, 0, chart->n_words * sizeof *entry.defaults);
	memset(chart->plans, 0, chart->n_transitions * sizeof *chart->plans);
	for (uint32_t i = 0; i < finish->n_regular; i++) {
		uint32_t domain = chart->transitions[i].domain;
		if (domain == APL_NONE) continue;
		apl_entry_compute(chart, &entry, &chart->transitions[i], domain);
		if (entry.met_history || count_entered(chart, &entry, domain) > MOST_PLANNED) continue;
		chart->plans[i].first = count;
		uint32_t end = chart->states[domain].end;
		for (uint32_t s = apl_set_next(entry.states, domain + 1, end); s != APL_NONE; s = apl_set_next(entry.states, s + 1, end)) {
			if (!APL_GROW(&chart->alloc, steps, count, capacity)) goto done;
			int32_t block = apl_set_has(entry.defaults, s) ? chart->transitions[chart->states[s].initial].block : APL_NO_HANDLER;
			steps[count++] = (apl_plan_step){s, block};
		}
		chart->plans[i].count = count - chart->plans[i].first;
	}
	chart->plan_steps = TAKE(finish, count, apl_plan_step);
	if (chart->plan_steps == NULL) goto done;
	if (count > 0) memcpy(chart->plan_steps, steps, count * sizeof *steps);
	made = true;
done:
	apl_free(&chart->alloc, steps, capacity * sizeof *steps);
	return made;
}

/* ---- who listens to what -------------------------------------------------- */

typedef struct listeners {
	apl_finish *finish;
	uint32_t *sorted; /* numbers of events by name, delays left out, so that what a descriptor matches stands together */
	uint32_t n_sorted;
	uint32_t *seen;    /* [event]: the last transition + 1 that listed it: two of its descriptors may match */
	uint32_t *matches; /* of one transition: numbers of events */
	uint32_t n_matches;
} listeners;

/* A dot before all other bytes: then "a", "a.b", "a.c" stand together, and "a-b" behind them. */
static unsigned rank(char c) {
	return c == '.' ? 0 : (unsigned char)c;
}

static int compare_names(const char *a, const char *b) {
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	if (*a == '\0' || *b == '\0') return (*a != '\0') - (*b != '\0');
	return rank(*a) < rank(*b) ? -1 : rank(*a) > rank(*b);
}

static int by_name(const void *left, const void *right) {
	return compare_names(((const apl_event_name *)left)->name, ((const apl_event_name *)right)->name);
}

static bool sort_names(listeners *l) {
	apl_finish *finish = l->finish;
	const apl_chart *chart = finish->chart;
	l->n_sorted = chart->n_events - chart->n_delays;
	apl_event_name *names = WORK(finish, l->n_sorted, apl_event_name);
	l->sorted = WORK(finish, l->n_sorted, uint32_t);
	l->seen = WORK(finish, chart->n_events, uint32_t);
	l->matches = WORK(finish, chart->n_events, uint32_t);
	if (names == NULL || l->sorted == NULL || l->seen == NULL || l->matches == NULL) return false;
	memset(l->seen, 0, chart->n_events * sizeof *l->seen);
	memcpy(names, chart->events, l->n_sorted * sizeof *names);
	qsort(names, l->n_sorted, sizeof *names, by_name);
	for (uint32_t i = 0; i < l->n_sorted; i++) l->sorted[i] = apl_number_get(&finish->private_->events, names[i].name, names[i].size);
	return true;
}

static uint32_t first_not_before(const listeners *l, const char *pattern) {
	uint32_t low = 0;
	uint32_t high = l->n_sorted;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (compare_names(l->finish->chart->events[l->sorted[middle]].name, pattern) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_match(listeners *l, uint32_t transition, uint32_t event) {
	if (l->seen[event] == transition + 1) return;
	l->seen[event] = transition + 1;
	l->matches[l->n_matches++] = event;
}

/* The events that the transition lists, into l->matches. */
static void match(listeners *l, uint32_t number) {
	const apl_chart *chart = l->finish->chart;
	const apl_transition *transition = &chart->transitions[number];
	l->n_matches = 0;
	if ((transition->flags & APL_EVENTLESS) != 0) return;
	if ((transition->flags & APL_DELAYED) != 0) {
		/* Delays are numbered as their names stand in patterns[]. */
		const apl_state *state = &chart->states[transition->source];
		for (uint32_t i = 0; i < state->n_delays; i++) {
			const apl_delay *delay = &chart->delays[state->first_delay + i];
			if (delay->name == chart->patterns[transition->first_pattern]) l->matches[l->n_matches++] = (uint32_t)delay->event;
		}
		return;
	}
	for (uint32_t i = 0; i < transition->n_patterns; i++) {
		const char *pattern = chart->patterns[transition->first_pattern + i];
		bool all = strcmp(pattern, "*") == 0;
		for (uint32_t at = all ? 0 : first_not_before(l, pattern); at < l->n_sorted; at++) {
			const apl_event_name *event = &chart->events[l->sorted[at]];
			if (!all && !apl_pattern_matches(pattern, event->name, event->size)) break;
			add_match(l, number, l->sorted[at]);
		}
	}
}

/* The leaves in [state] find something there. */
static void add_leaves(const apl_chart *chart, uint64_t *set, uint32_t state) {
	uint32_t end = chart->states[state].end;
	uint32_t last = (end - 1) >> 6;
	for (uint32_t word = state >> 6; word <= last; word++) {
		uint64_t bits = chart->leaves[word];
		if (word == state >> 6) bits &= UINT64_MAX << (state & 63u);
		if (word == last) bits &= UINT64_MAX >> ((64u - (end & 63u)) & 63u);
		set[word] |= bits;
	}
}

/* Takers, deferrers, and how many candidates there are in all. */
static size_t mark_takers(listeners *l) {
	apl_chart *chart = l->finish->chart;
	size_t total = 0;
	for (uint32_t i = 0; i < l->finish->n_regular; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if ((transition->flags & APL_EVENTLESS) != 0) {
			add_leaves(chart, chart->eventless_takers, transition->source);
			continue;
		}
		match(l, i);
		total += l->n_matches;
		for (uint32_t m = 0; m < l->n_matches; m++) {
			add_leaves(chart, chart->takers + (size_t)l->matches[m] * chart->n_words, transition->source);
			if ((transition->flags & APL_DEFERS) != 0) chart->event_defers[l->matches[m]] = 1;
		}
	}
	return total;
}

/* Counts every transition into its rows, then puts it there. */
static void fill_rows(listeners *l) {
	apl_chart *chart = l->finish->chart;
	size_t n_rows = (size_t)chart->n_events * chart->n_states;
	for (uint32_t i = 0; i < l->finish->n_regular; i++) {
		match(l, i);
		for (uint32_t m = 0; m < l->n_matches; m++)
			chart->rows[(size_t)l->matches[m] * chart->n_states + chart->transitions[i].source].count++;
	}
	uint32_t next = 0;
	for (size_t row = 0; row < n_rows; row++) {
		chart->rows[row].first = next;
		next += chart->rows[row].count;
		chart->rows[row].count = 0;
	}
	memset(l->seen, 0, chart->n_events * sizeof *l->seen);
	for (uint32_t i = 0; i < l->finish->n_regular; i++) {
		match(l, i);
		for (uint32_t m = 0; m < l->n_matches; m++) {
			apl_candidate_row *row = &chart->rows[(size_t)l->matches[m] * chart->n_states + chart->transitions[i].source];
			chart->candidates[row->first + row->count++] = i;
		}
	}
}

/* Parents have lower numbers, so theirs is known. */
static void link_rows(const apl_chart *chart, apl_candidate_row *rows) {
	rows[0].up = APL_NONE;
	rows[0].shared = chart->states[0].shared;
	for (uint32_t s = 1; s < chart->n_states; s++) {
		uint32_t parent = chart->states[s].parent;
		rows[s].up = rows[parent].count > 0 ? parent : rows[parent].up;
		rows[s].shared = chart->states[s].shared;
	}
}

/* Eventless candidates stand behind those of events. */
static void fill_eventless(apl_finish *finish, uint32_t next) {
	apl_chart *chart = finish->chart;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		const apl_state *state = &chart->states[s];
		chart->eventless[s].first = next;
		for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++)
			if ((chart->transitions[i].flags & APL_EVENTLESS) != 0) chart->candidates[next++] = i;
		chart->eventless[s].count = next - chart->eventless[s].first;
	}
	link_rows(chart, chart->eventless);
}

static bool list_candidates(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	listeners l = {.finish = finish};
	chart->takers = take_sets(finish, chart->n_events);
	chart->eventless_takers = take_sets(finish, 1);
	chart->event_defers = TAKE(finish, chart->n_events, uint8_t);
	chart->eventless = TAKE(finish, chart->n_states, apl_candidate_row);
	if (chart->takers == NULL || chart->eventless_takers == NULL || chart->event_defers == NULL || chart->eventless == NULL ||
	    !sort_names(&l))
		return false;
	memset(chart->event_defers, 0, chart->n_events);
	size_t total = mark_takers(&l);
	size_t n_rows = (size_t)chart->n_events * chart->n_states;
	bool with_rows = n_rows <= MOST_ROWS && total <= MOST_CANDIDATES;
	if (!with_rows) total = 0;
	chart->candidates = TAKE(finish, total + finish->n_regular, uint32_t);
	if (chart->candidates == NULL) return false;
	fill_eventless(finish, (uint32_t)total);
	if (!with_rows) return true;
	chart->rows = TAKE(finish, n_rows, apl_candidate_row);
	if (chart->rows == NULL) return false;
	memset(chart->rows, 0, n_rows * sizeof *chart->rows);
	memset(l.seen, 0, chart->n_events * sizeof *l.seen);
	fill_rows(&l);
	for (uint32_t e = 0; e < chart->n_events; e++) link_rows(chart, chart->rows + (size_t)e * chart->n_states);
	return true;
}

bool apl_compile(apl_finish *finish) {
	if (!mark_states(finish)) return false;
	find_domains(finish);
	return make_plans(finish) && list_candidates(finish);
}
