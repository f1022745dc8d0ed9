/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_DRAFT_H
#define APL_CHART_DRAFT_H

/*
 * Private to this room: what was declared, and how it becomes a chart.
 *
 *   build.c     writes declarations down, judges nothing
 *   resolve.c   lays out states and transitions, resolves every name
 *   check.c     judges what the names and shapes amount to
 *   reach.c     what some way leads to
 *   compile.c   domains, entry plans, rows of candidates
 *
 * What lives as long as the chart lies in the builder's arena, which a finished
 * chart takes over; the lists of the draft are given back with the builder.
 */

#include "base/buf.h"
#include "base/map.h"
#include "chart/build.h"

/* Paths lengthen with depth, and entering recurses: both want a bound. */
enum { APL_MOST_DEPTH = 64, APL_MOST_ID = 255 };

/* Look for near names for so many findings; a look at all names for each of very many would be quadratic. */
enum { APL_MOST_HINTS = 100 };

typedef struct apl_draft_event {
	const char *name;
	apl_place place;
} apl_draft_event;

typedef struct apl_draft_state {
	const char *id;
	apl_build_kind kind;
	uint32_t parent;
	uint32_t end;
	uint32_t depth;
	uint32_t n_children; /* without histories */
	uint32_t n_histories;
	uint32_t n_invokes;
	const char *outcome;
	const char *rests;
	const char *initial; /* or NULL: not declared */
	int32_t initial_block;
	apl_place initial_place;
	const apl_place *initial_places; /* of each target, or NULL */
	apl_place place;
} apl_draft_state;

typedef struct apl_draft_block {
	uint32_t state;
	int32_t handler;
} apl_draft_block;

typedef struct apl_draft_transition {
	uint32_t state;
	uint32_t delay; /* or APL_NONE */
	apl_build_transition_options options;
} apl_draft_transition;

typedef struct apl_draft_delay {
	uint32_t state;
	apl_build_delay_options options; /* transitions NULL: they stand among the state's */
} apl_draft_delay;

typedef struct apl_draft_invoke {
	uint32_t state;
	apl_build_invoke_options options; /* with its id */
} apl_draft_invoke;

typedef struct apl_draft_clock {
	uint32_t state; /* where it is declared */
	apl_build_clock_options options;
} apl_draft_clock;

/* A growing list. */
#define APL_DRAFT_LIST(type, name)                                                                                                         \
	type *name;                                                                                                                            \
	uint32_t n_##name, capacity_##name

struct apl_builder {
	apl_alloc alloc;
	apl_arena arena;
	apl_arena drafts; /* what the chart has no use for */
	const char *name;
	bool free_targets;
	bool any_event;
	uint32_t most_states;
	APL_DRAFT_LIST(apl_draft_event, events);
	APL_DRAFT_LIST(apl_draft_state, states);
	APL_DRAFT_LIST(apl_draft_block, entries);
	APL_DRAFT_LIST(apl_draft_block, exits);
	APL_DRAFT_LIST(apl_draft_transition, transitions);
	APL_DRAFT_LIST(apl_draft_delay, delays);
	APL_DRAFT_LIST(apl_draft_invoke, invokes);
	APL_DRAFT_LIST(apl_draft_clock, clocks);
	uint32_t current; /* begun and not ended, or APL_NONE */
	uint32_t skipped; /* begun beyond the limit and not ended: nothing of them is written down */
	bool too_many;
	apl_place too_many_place;
	bool root_ended;
	apl_map files;
};

struct apl_chart_private {
	apl_arena arena;
	apl_map events; /* name → number + 1 */
	apl_map paths;  /* path → number + 1 */
};

/* What finishing works with. */
typedef struct apl_finish {
	apl_builder *builder;
	apl_arena *arena; /* the chart's to be */
	apl_arena work;   /* given back in the end */
	apl_chart *chart;
	struct apl_chart_private *private_;
	apl_findings *findings;
	uint32_t errors_before;
	uint32_t hints_left;
	apl_place *target_places;            /* beside chart->targets */
	const apl_draft_transition **drafts; /* beside chart->transitions; NULL: of an initial or default */
	uint32_t n_regular;                  /* transitions that are no initials or defaults: the first of chart->transitions */
	apl_map members;                     /* parent's number, then id → number + 1 of the first child called so */
	apl_map ids;                         /* id → number + 1 of the first state called so */
	bool *ambiguous;                     /* [state]: others bear its id where ids must be unique */
	apl_map known;                       /* names of events that may happen, and what they begin with up to a dot → any number + 1 */
	uint32_t *done_first;                /* [event]: the first state whose end it tells, or APL_NONE */
	uint32_t *done_other;                /* [event]: another one, or APL_NONE */
	APL_DRAFT_LIST(apl_event_name, events);
	apl_buf who;
	bool no_memory; /* a message could not be put together */
} apl_finish;

/* Maps from bytes to numbers; APL_NONE: not there. */
static inline uint32_t apl_number_get(const apl_map *map, const char *key, size_t size) {
	uintptr_t value = (uintptr_t)apl_map_get(map, key, size);
	return value == 0 ? APL_NONE : (uint32_t)(value - 1);
}
static inline bool apl_number_put(apl_map *map, const char *key, size_t size, uint32_t number) {
	return apl_map_put(map, key, size, (void *)((uintptr_t)number + 1));
}

/* The descriptor's size without a trailing ".*" or ".". */
size_t apl_pattern_size(const char *pattern, size_t size);

/* The child of [parent] called so, or APL_NONE. False without memory. */
bool apl_child_called(apl_finish *finish, uint32_t parent, const char *id, size_t size, uint32_t *out);
/* The number of an event's name, which becomes known if it is not. [name] lives in the arena. APL_NONE without memory. */
uint32_t apl_know_event(apl_finish *finish, const char *name, size_t size, bool declared);
enum { APL_HINT_SIZE = APL_MOST_ID + 64 };

/* Words separated by white space: the next one of *at, or NULL. Moves *at behind it. */
const char *apl_next_word(const char **at, size_t *size);
uint32_t apl_count_words(const char *text);

/* How messages name a state: `state "work.offered"`. Lent until the next call. */
const char *apl_who(apl_finish *finish, uint32_t state);

/* Each returns false without memory only. */
bool apl_resolve(apl_finish *finish);
bool apl_lay_out_clocks(apl_finish *finish);
bool apl_check(apl_finish *finish);
bool apl_compile(apl_finish *finish);

/* Fills entered[state]; needs no more of the chart than its states, histories, transitions and targets. */
bool apl_reach(const apl_chart *chart, apl_arena *work, bool *entered);

#endif
