/* SPDX-License-Identifier: MIT */
/*
 * Decides what a direct step does: selection, leaving, acting, entering, in the
 * order of SCXML's Appendix D, as far as direct_plan.c knows it beforehand.
 * Each word that is written is remembered; whatever turns out not to be direct
 * puts them back.
 */
#include "engine/direct.h"

typedef struct taking {
	const apl_direct *direct;
	const uint64_t *sources[APL_BRIEF_SOURCES];
	uint64_t *data;
	uint32_t n_written;
	uint32_t words[2 * APL_DIRECT_WRITES]; /* of data: a slot, or presence bits */
	uint64_t before[2 * APL_DIRECT_WRITES];
} taking;

/* ---- writes ------------------------------------------------------------------ */

static inline void put(taking *t, uint32_t word, uint64_t value) {
	t->words[t->n_written] = word;
	t->before[t->n_written++] = t->data[word];
	t->data[word] = value;
}

static inline bool write_all(taking *t, const apl_brief_write *write, uint32_t count) {
	for (const apl_brief_write *end = write + count; write < end; write++) {
		int64_t value;
		if (!apl_brief_value(write, t->sources, &value)) return false;
		put(t, write->word, (uint64_t)value);
		if ((t->data[write->presence] & write->mask) == 0) put(t, write->presence, t->data[write->presence] | write->mask);
	}
	return true;
}

static __attribute__((noinline, cold)) bool put_back(taking *t) {
	while (t->n_written > 0) {
		t->n_written--;
		t->data[t->words[t->n_written]] = t->before[t->n_written];
	}
	return false;
}

/* Leaving in reverse order, then what the transitions do, then entering. */
static inline bool run(taking *t, const apl_direct_step *step) {
	const apl_brief_write *writes = t->direct->brief.writes;
	if (step->n == 1) return write_all(t, writes + step->moves[0]->first_write, step->moves[0]->n_writes);
	for (uint32_t i = step->n; i-- > 0;)
		if (!write_all(t, writes + step->moves[i]->first_write, step->moves[i]->n_exit)) return false;
	for (uint32_t i = 0; i < step->n; i++)
		if (!write_all(t, writes + step->moves[i]->first_write + step->moves[i]->n_exit, step->moves[i]->n_block)) return false;
	for (uint32_t i = 0; i < step->n; i++) {
		const apl_direct_move *move = step->moves[i];
		if (!write_all(t, writes + move->first_write + move->n_exit + move->n_block, move->n_entry)) return false;
	}
	return true;
}

/* ---- selecting ----------------------------------------------------------------- */

/* Do two leave a state in common? As in room step. */
static bool conflict(const apl_chart *chart, uint32_t a, uint32_t b) {
	if (a == APL_NONE || b == APL_NONE) return false;
	return a == b || apl_chart_is_descendant(chart, a, b) || apl_chart_is_descendant(chart, b, a);
}

/* Is one active state all that could take the event? */
static __attribute__((noinline)) bool is_only(const taking *t, const uint64_t *takers) {
	uint64_t found = 0;
	for (uint32_t word = 0; word < t->direct->chart->n_words; word++) {
		uint64_t leaves = t->sources[APL_BRIEF_STATES][word] & takers[word];
		if (leaves == 0) continue;
		if (found != 0 || (leaves & (leaves - 1)) != 0) return false;
		found = leaves;
	}
	return found != 0;
}

/* The transition that the leaf enables, if any; false: not direct. */
static inline bool choose(const taking *t, const apl_direct_row *row, const uint64_t *takers, apl_direct_step *step) {
	const apl_direct *direct = t->direct;
	const apl_direct_candidate *candidate = direct->candidates + row->first, *end = candidate + row->count;
	for (; candidate < end; candidate++) {
		if (candidate->test == APL_BRIEF_LONG || (candidate->shared && !is_only(t, takers))) return false;
		if (!apl_brief_ask(direct->brief.tests, candidate->test, t->sources)) continue;
		if (candidate->move == APL_NONE || step->n == APL_DIRECT_LEAVES) return false;
		const apl_direct_move *move = &direct->moves[candidate->move];
		step->moves[step->n++] = move;
		step->n_writes += move->n_writes;
		step->n_domains += move->domain != APL_NONE;
		return true;
	}
	return true;
}

static __attribute__((noinline)) bool any_conflict(const apl_chart *chart, const apl_direct_step *step) {
	for (uint32_t i = 1; i < step->n; i++) {
		for (uint32_t k = 0; k < i; k++)
			if (conflict(chart, step->moves[i]->domain, step->moves[k]->domain)) return true;
	}
	return false;
}

static inline bool select(const taking *t, const apl_case *c, int32_t event, apl_direct_step *step) {
	const apl_direct *direct = t->direct;
	const apl_chart *chart = direct->chart;
	const apl_direct_row *rows = direct->rows + direct->rows_of[event];
	const uint64_t *takers = chart->takers + (size_t)event * chart->n_words;
	uint32_t word = 0;
	step->n = step->n_writes = step->n_domains = 0;
	do {
		for (uint64_t bits = c->words[word] & takers[word]; bits != 0; bits &= bits - 1) {
			uint32_t leaf = (word << 6) + (uint32_t)__builtin_ctzll(bits);
			if (!choose(t, &rows[leaf], takers, step)) return false;
		}
	} while (++word < chart->n_words);
	return step->n_domains < 2 || !any_conflict(chart, step);
}

/* ---- a step ---------------------------------------------------------------------- */

static bool is_quiet(const apl_chart *chart, const uint64_t *states) {
	for (uint32_t word = 0; word < chart->n_words; word++)
		if ((states[word] & chart->eventless_takers[word]) != 0) return false;
	return true;
}

/* The set of active states as it will be. */
static void configure(const apl_direct *direct, const apl_case *c, const apl_direct_step *step, uint64_t *states) {
	const apl_chart *chart = direct->chart;
	uint32_t word = 0;
	do {
		/* What one leaves another does not enter: their domains lie apart. */
		uint64_t set = c->words[word];
		for (uint32_t i = 0; i < step->n; i++) {
			const apl_direct_move *move = step->moves[i];
			if (move->domain == APL_NONE) continue;
			const uint64_t *sets = direct->sets + move->first_set;
			set = (set & ~sets[word]) | sets[chart->n_words + word];
		}
		states[word] = set;
	} while (++word < chart->n_words);
}

bool apl_direct_take(const apl_direct *direct, apl_case *c, int32_t event, const uint64_t *words, apl_direct_step *step) {
	if (direct->rows_of[event] == APL_NONE) return false;
	taking t;
	t.direct = direct;
	t.data = apl_case_data(c);
	t.sources[APL_BRIEF_DATA] = t.data;
	t.sources[APL_BRIEF_PARAMS] = apl_case_params(c);
	t.sources[APL_BRIEF_EVENT] = words;
	t.sources[APL_BRIEF_STATES] = c->words;
	t.n_written = 0;
	if (!select(&t, c, event, step)) return false;
	uint64_t states[APL_DIRECT_WORDS];
	if (step->n_domains > 0) configure(direct, c, step, states);
	if (direct->has_eventless && !is_quiet(direct->chart, step->n_domains > 0 ? states : c->words)) return false;
	if (step->n_writes > APL_DIRECT_WRITES) return false;
	if (step->n_writes > 0 && !run(&t, step)) return put_back(&t);
	if (step->n_domains == 0) return true;
	uint32_t word = 0;
	do c->words[word] = states[word];
	while (++word < direct->chart->n_words);
	return true;
}
