/* SPDX-License-Identifier: MIT */
/*
 * Decides which steps of a program are direct, and what they are. An atomic
 * state's candidates for an event stand in one row, its own before its
 * parent's; a candidate that is not direct stays in its place, so that the step
 * is left to the machine when it would be asked.
 */
#include "engine/direct.h"

#include "engine/prepared.h"

/* Beyond this it would be a large part of what a program takes, for steps that are rare: then it is left to the machine. */
enum { MOST_ROWS = 1 << 16, MOST_ITEMS = 1 << 16 };

typedef struct planning {
	apl_direct *direct;
	const apl_program *program;
	const apl_chart *chart;
	const apl_schema *schema; /* of the event */
	uint32_t *tests;          /* [transition]: its guard for the event */
	bool no_memory;
	bool is_large; /* the event would take more than it is worth */
} planning;

#define ADD(p, items, count, capacity)                                                                                                     \
	(APL_GROW(&(p)->direct->alloc, (p)->direct->items, (p)->direct->count, (p)->direct->capacity) || ((p)->no_memory = true, false))

/* ---- texts ------------------------------------------------------------------- */

static bool text_of(const apl_program *program, int32_t handler, uint32_t number, const apl_guard **text, uint32_t *cost) {
	return program->ops->text != NULL && program->ops->text(program->self, handler, number, text, cost);
}

static uint32_t plan_guard(planning *p, int32_t handler) {
	const apl_guard *guard;
	uint32_t cost, entry;
	if (handler == APL_NO_HANDLER) return APL_BRIEF_YES;
	if (!text_of(p->program, handler, 0, &guard, &cost) || guard == NULL) return APL_BRIEF_LONG;
	return apl_brief_guard(&p->direct->brief, guard, p->schema, &entry) ? entry : APL_BRIEF_LONG;
}

/* Adds the block's writes; false: it has others. */
static bool plan_block(planning *p, int32_t handler) {
	const apl_guard *text;
	uint32_t cost;
	if (handler == APL_NO_HANDLER) return true;
	for (uint32_t i = 0;; i++) {
		if (!text_of(p->program, handler, i, &text, &cost)) return false;
		if (text == NULL) return true;
		if (!apl_brief_actions(&p->direct->brief, text, p->schema)) return false;
	}
}

static bool plan_blocks(planning *p, uint32_t first, uint32_t count) {
	for (uint32_t i = 0; i < count; i++)
		if (!plan_block(p, p->chart->blocks[first + i])) return false;
	return true;
}

/* Is all that its texts could be charged for in one step within the limit? Each is asked or run once at most. */
static bool is_within(const apl_program *program, uint64_t instructions) {
	const apl_chart *chart = program->chart;
	uint64_t sum = 0;
#define CHARGE(handler)                                                                                                                    \
	do {                                                                                                                                   \
		const apl_guard *text;                                                                                                             \
		uint32_t cost;                                                                                                                     \
		for (uint32_t n = 0; (handler) != APL_NO_HANDLER && text_of(program, (handler), n, &text, &cost) && text != NULL; n++)             \
			sum += cost;                                                                                                                   \
	} while (0)
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		CHARGE(chart->transitions[i].guard);
		CHARGE(chart->transitions[i].block);
	}
	for (uint32_t s = 0; s < chart->n_states; s++) {
		for (uint32_t i = 0; i < chart->states[s].n_entry; i++) CHARGE(chart->blocks[chart->states[s].first_entry + i]);
		for (uint32_t i = 0; i < chart->states[s].n_exit; i++) CHARGE(chart->blocks[chart->states[s].first_exit + i]);
	}
#undef CHARGE
	return sum <= instructions;
}

/* ---- moves --------------------------------------------------------------------- */

/* Is nothing done for this state but its blocks when it is left or entered? */
static bool is_plain(const apl_state *state) {
	return !state->minds && state->n_history == 0;
}

static bool add_state(planning *p, uint32_t state, uint32_t *count) {
	if (!ADD(p, states, n_states, states_capacity)) return false;
	p->direct->states[p->direct->n_states++] = state;
	++*count;
	return true;
}

/* What is active below the domain is the leaf and what is around it. */
static bool plan_leaving(planning *p, apl_direct_move *move, uint32_t leaf) {
	const apl_state *states = p->chart->states;
	if (states[move->domain].kind != APL_COMPOUND) return false;
	for (uint32_t s = leaf; s != move->domain; s = states[s].parent) {
		if (s == 0 || states[s].kind == APL_PARALLEL || !is_plain(&states[s])) return false;
		if (!plan_blocks(p, states[s].first_exit, states[s].n_exit) || !add_state(p, s, &move->n_left)) return false;
	}
	return true;
}

static bool plan_entering(planning *p, apl_direct_move *move) {
	const apl_plan *plan = &p->chart->plans[move->transition];
	if (plan->count == 0) return false;
	for (uint32_t i = 0; i < plan->count; i++) {
		const apl_plan_step *step = &p->chart->plan_steps[plan->first + i];
		const apl_state *state = &p->chart->states[step->state];
		if (!is_plain(state) || state->kind == APL_FINAL) return false;
		if (!plan_blocks(p, state->first_entry, state->n_entry) || !plan_block(p, step->block)) return false;
		if (!add_state(p, step->state, &move->n_entered)) return false;
	}
	return true;
}

static bool add_sets(planning *p, apl_direct_move *move) {
	apl_direct *direct = p->direct;
	move->first_set = direct->n_sets;
	for (uint32_t i = 0; i < 2 * p->chart->n_words; i++) {
		if (!ADD(p, sets, n_sets, sets_capacity)) return false;
		direct->sets[direct->n_sets++] = 0;
	}
	for (uint32_t i = 0; i < move->n_left; i++) apl_set_add(direct->sets + move->first_set, direct->states[move->first_left + i]);
	for (uint32_t i = 0; i < move->n_entered; i++)
		apl_set_add(direct->sets + move->first_set + p->chart->n_words, direct->states[move->first_entered + i]);
	return true;
}

static bool plan_move(planning *p, apl_direct_move *move, uint32_t leaf) {
	apl_direct *direct = p->direct;
	const apl_transition *transition = &p->chart->transitions[move->transition];
	if ((transition->flags & (APL_DEFERS | APL_DYNAMIC)) != 0) return false;
	move->domain = transition->domain;
	move->first_write = direct->brief.n_writes;
	move->first_left = move->first_entered = direct->n_states;
	if (move->domain == APL_NONE) {
		bool is_brief = transition->n_targets == 0 && plan_block(p, transition->block);
		move->n_block = direct->brief.n_writes - move->first_write;
		return is_brief;
	}
	if (!plan_leaving(p, move, leaf)) return false;
	move->n_exit = direct->brief.n_writes - move->first_write;
	if (!plan_block(p, transition->block)) return false;
	move->n_block = direct->brief.n_writes - move->first_write - move->n_exit;
	move->first_entered = direct->n_states;
	if (!plan_entering(p, move)) return false;
	move->n_entry = direct->brief.n_writes - move->first_write - move->n_exit - move->n_block;
	return add_sets(p, move);
}

/* Its number; APL_NONE: it is not direct, or there is no memory. */
static uint32_t add_move(planning *p, uint32_t transition, uint32_t leaf) {
	apl_direct *direct = p->direct;
	if (!ADD(p, moves, n_moves, moves_capacity)) return APL_NONE;
	uint32_t n_writes = direct->brief.n_writes, n_states = direct->n_states, n_sets = direct->n_sets;
	apl_direct_move move = {.transition = transition};
	if (plan_move(p, &move, leaf)) {
		move.n_writes = move.n_exit + move.n_block + move.n_entry;
		direct->moves[direct->n_moves] = move;
		return direct->n_moves++;
	}
	direct->brief.n_writes = n_writes;
	direct->n_states = n_states;
	direct->n_sets = n_sets;
	return APL_NONE;
}

/* ---- rows ------------------------------------------------------------------------- */

static bool is_full(const apl_direct *direct) {
	return direct->n_rows + direct->chart->n_states > MOST_ROWS || direct->n_candidates > MOST_ITEMS ||
	       direct->brief.n_writes > MOST_ITEMS || direct->n_states > MOST_ITEMS || direct->n_sets > MOST_ITEMS;
}

static bool add_candidate(planning *p, uint32_t transition, uint32_t leaf, bool shared) {
	p->is_large = p->is_large || is_full(p->direct);
	if (p->is_large || !ADD(p, candidates, n_candidates, candidates_capacity)) return false;
	uint32_t test = p->tests[transition];
	uint32_t move = test != APL_BRIEF_LONG ? add_move(p, transition, leaf) : APL_NONE;
	p->direct->candidates[p->direct->n_candidates++] = (apl_direct_candidate){test, move, shared};
	return !p->no_memory && !p->direct->brief.no_memory;
}

static bool add_row(planning *p, const apl_candidate_row *rows, uint32_t leaf, apl_direct_row *row) {
	row->first = p->direct->n_candidates;
	for (uint32_t state = rows[leaf].count > 0 ? leaf : rows[leaf].up; state != APL_NONE; state = rows[state].up) {
		const uint32_t *candidate = p->chart->candidates + rows[state].first;
		for (uint32_t i = 0; i < rows[state].count; i++)
			if (!add_candidate(p, candidate[i], leaf, rows[state].shared != 0)) return false;
	}
	row->count = p->direct->n_candidates - row->first;
	return true;
}

/* Guards that are the same for every leaf: once for the event. */
static void plan_guards(planning *p, const apl_candidate_row *rows) {
	const apl_chart *chart = p->chart;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		for (uint32_t i = 0; i < rows[s].count; i++) {
			uint32_t transition = chart->candidates[rows[s].first + i];
			p->tests[transition] = plan_guard(p, chart->transitions[transition].guard);
		}
	}
}

/* Is any of the event's steps direct? If none is, nobody need try. Nobody's taking it is a direct step, too. */
static bool is_worth_it(const apl_direct *direct, uint32_t first) {
	for (uint32_t i = first; i < direct->n_candidates; i++)
		if (direct->candidates[i].test != APL_BRIEF_LONG && direct->candidates[i].move != APL_NONE) return true;
	return direct->n_candidates == first;
}

static bool plan_event(planning *p, uint32_t event) {
	apl_direct *direct = p->direct;
	const apl_chart *chart = p->chart;
	const apl_candidate_row *rows = chart->rows + (size_t)event * chart->n_states;
	p->schema = p->program->events[event];
	plan_guards(p, rows);
	uint32_t first = direct->n_rows, n_candidates = direct->n_candidates;
	p->is_large = false;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		if (!ADD(p, rows, n_rows, rows_capacity)) return false;
		apl_direct_row row = {0, 0};
		if (apl_set_has(chart->takers + (size_t)event * chart->n_words, s) && !add_row(p, rows, s, &row) && !p->is_large) return false;
		direct->rows[direct->n_rows++] = row;
	}
	if (p->is_large || !is_worth_it(direct, n_candidates)) {
		/* What was planned of it is given up; nothing of it is found. */
		direct->n_rows = first;
		direct->n_candidates = n_candidates;
		return true;
	}
	direct->rows_of[event] = first;
	return !direct->brief.no_memory;
}

bool apl_direct_new(apl_direct **out, const apl_alloc *alloc, const apl_program *program, const uint8_t *watched, uint64_t instructions) {
	const apl_chart *chart = program->chart;
	*out = NULL;
	bool is_possible = program->ops->text != NULL && !program->asks_time_in && chart->n_invokes == 0 && chart->rows != NULL &&
	                   chart->n_words <= APL_DIRECT_WORDS && chart->n_transitions > 0;
	if (!is_possible || !is_within(program, instructions)) return true;
	apl_direct *direct = apl_new(alloc, sizeof *direct);
	if (direct == NULL) return false;
	direct->alloc = *alloc;
	direct->chart = chart;
	for (uint32_t word = 0; word < chart->n_words; word++) direct->has_eventless |= chart->eventless_takers[word] != 0;
	apl_brief_init(&direct->brief, alloc);
	size_t tests_size = chart->n_transitions * sizeof(uint32_t);
	planning p = {.direct = direct, .program = program, .chart = chart, .tests = apl_new(alloc, tests_size)};
	direct->rows_of = apl_new(alloc, chart->n_events * sizeof *direct->rows_of);
	bool has_memory = p.tests != NULL && direct->rows_of != NULL;
	for (uint32_t event = 0; event < chart->n_events && has_memory; event++) {
		direct->rows_of[event] = APL_NONE;
		if (!chart->events[event].declared || watched[event] != 0 || is_full(direct)) continue;
		has_memory = plan_event(&p, event);
	}
	apl_free(alloc, p.tests, tests_size);
	if (!has_memory) {
		apl_direct_free(direct);
		return false;
	}
	*out = direct;
	return true;
}

void apl_direct_free(apl_direct *direct) {
	if (direct == NULL) return;
	const apl_alloc alloc = direct->alloc;
	apl_brief_dispose(&direct->brief);
	apl_free(&alloc, direct->rows_of, direct->chart->n_events * sizeof *direct->rows_of);
	apl_free(&alloc, direct->rows, direct->rows_capacity * sizeof *direct->rows);
	apl_free(&alloc, direct->candidates, direct->candidates_capacity * sizeof *direct->candidates);
	apl_free(&alloc, direct->moves, direct->moves_capacity * sizeof *direct->moves);
	apl_free(&alloc, direct->states, direct->states_capacity * sizeof *direct->states);
	apl_free(&alloc, direct->sets, direct->sets_capacity * sizeof *direct->sets);
	apl_free(&alloc, direct, sizeof *direct);
}
