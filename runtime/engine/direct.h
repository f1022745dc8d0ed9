/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_DIRECT_H
#define APL_ENGINE_DIRECT_H

/*
 * Steps that are known in full when a program is added: the event enables
 * transitions whose guards and actions are texts in brief (data/brief.h), and
 * what each leaves and enters is the same whenever it is taken from a given
 * atomic state. Such a step is a few rows of tables; nobody is asked, nothing
 * is allocated, and no limit can be broken in it.
 *
 * What is not so leaves the direct way: functions, timers, counters, history,
 * finals, eventless transitions, conflicts, anything that is a mistake. Then
 * every word is what it was, and the machine (room step) does it. What a direct
 * step comes to is what the machine comes to: tests/unit/api/test_known.c holds them
 * against each other.
 *
 *   direct_plan.c   what is known of a program's steps
 *   direct.c        a step
 */

#include "data/brief.h"
#include "engine/case.h"

/* One transition, taken from one atomic state. */
typedef struct apl_direct_move {
	uint32_t transition;
	uint32_t domain;             /* APL_NONE: targetless */
	uint32_t first_left, n_left; /* states in the order they are left */
	uint32_t first_entered, n_entered;
	uint32_t first_write;
	uint32_t n_exit, n_block, n_entry, n_writes; /* one behind another, and in all */
	uint32_t first_set;                          /* n_words of what is left, n_words of what is entered */
} apl_direct_move;

/* Not direct: [test] is APL_BRIEF_LONG, or [move] APL_NONE. */
typedef struct apl_direct_candidate {
	uint32_t test;
	uint32_t move;
	uint32_t shared; /* several atomic states would ask it */
} apl_direct_candidate;

typedef struct apl_direct_row {
	uint32_t first, count;
} apl_direct_row;

typedef struct apl_direct {
	apl_alloc alloc;
	apl_brief brief;
	const apl_chart *chart;
	uint32_t *rows_of; /* [event]: where its rows begin, one a state; APL_NONE: its steps are never direct */
	apl_direct_row *rows;
	apl_direct_candidate *candidates;
	apl_direct_move *moves;
	uint32_t *states; /* left and entered */
	uint64_t *sets;
	bool has_eventless; /* some state has eventless transitions */
	uint32_t n_rows, n_candidates, n_moves, n_states, n_sets;
	uint32_t rows_capacity, candidates_capacity, moves_capacity, states_capacity, sets_capacity;
} apl_direct;

/* More at once is not direct. */
enum { APL_DIRECT_LEAVES = 16, APL_DIRECT_WRITES = 48, APL_DIRECT_WORDS = 4 };

/* The transitions that a step took, in their order; none: nobody took the event. */
typedef struct apl_direct_step {
	uint32_t n;
	uint32_t n_domains; /* of these: leave and enter something */
	uint32_t n_writes;
	const apl_direct_move *moves[APL_DIRECT_LEAVES];
} apl_direct_step;

/* [*out] NULL: no step of the program is direct. false: no memory. [instructions]: the limit on those of one step. */
bool apl_direct_new(apl_direct **out, const apl_alloc *alloc, const apl_program *program, const uint8_t *watched, uint64_t instructions);
void apl_direct_free(apl_direct *direct);

/* Takes the step, or leaves every word as it was. [words]: the event's record. */
bool apl_direct_take(const apl_direct *direct, apl_case *c, int32_t event, const uint64_t *words, apl_direct_step *step);

#endif
