/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_CHART_H
#define APL_CHART_CHART_H

/*
 * A compiled statechart: immutable, shared by every case of a playbook's
 * version. It knows states, transitions, delays and names; it knows no Lua, no
 * data and no time. What must be asked (a guard) or done (a block of actions)
 * is a number that whoever steps the chart hands to its port.
 *
 * States are numbered in document order, so that a smaller number comes first
 * and the descendants of s are exactly s+1 .. end-1. State 0 is the root
 * (<scxml>), which is compound or parallel. A state's identity outside is its
 * path ("work.conversation.listening", the root's is ""), never its number.
 */

#include "base/alloc.h"
#include "base/error.h"

#define APL_NONE UINT32_MAX
#define APL_NO_HANDLER (-1)

typedef enum apl_state_kind {
	APL_ATOMIC, /* a state that turned out to have no children */
	APL_COMPOUND,
	APL_PARALLEL,
	APL_FINAL,
	APL_HISTORY_SHALLOW,
	APL_HISTORY_DEEP
} apl_state_kind;

typedef struct apl_state {
	const char *id;
	const char *path;
	uint32_t kind; /* apl_state_kind */
	uint32_t parent;
	uint32_t end;                             /* one past the last descendant */
	uint32_t first_child;                     /* APL_NONE: none. Next sibling of c: states[c].end while < parent's end */
	uint32_t depth;                           /* the root's is 0 */
	uint32_t first_transition, n_transitions; /* of <on>, <always>, delays: document order; not initial/history defaults */
	uint32_t initial;                         /* compound: the initial transition; history: its default; else APL_NONE */
	uint32_t first_entry, n_entry;            /* blocks: chart->blocks[] holds handler numbers */
	uint32_t first_exit, n_exit;
	uint32_t first_delay, n_delays;
	uint32_t first_invoke, n_invokes;  /* chart->invokes[] */
	uint32_t history;                  /* history states: which of the case's history slots; else APL_NONE */
	uint32_t first_history, n_history; /* compound/parallel: its history children, in chart->histories[] (state numbers) */
	int32_t done_event;                /* compound/parallel: event number of done.state.ID; else -1 */
	bool minds;                        /* something of it begins when it is entered, and ends when it is left: delays, invokes, a clock */
	bool has_clock;                    /* some clock runs in it */
	bool shared;                       /* a parallel, or holds one: its transitions are candidates of several atomic states at once */
	const char *outcome;               /* final: or NULL */
	const char *rests;                 /* why it is fine that nothing is due in it; or NULL */
	apl_place place;
} apl_state;

enum {
	APL_INTERNAL = 1, /* SCXML type="internal" */
	APL_EVENTLESS = 2,
	APL_DELAYED = 4,  /* taken by a delay of its source only */
	APL_DEFERS = 8,   /* keeps the event for later instead of taking it */
	APL_INITIAL = 16, /* an initial transition or a history default: never selected; behind all others in transitions[] */
	APL_DYNAMIC = 32  /* a target is a history state: its domain depends on what is recorded */
};

typedef struct apl_transition {
	uint32_t source;
	uint32_t first_target, n_targets; /* chart->targets[]; 0: targetless */
	int32_t guard;                    /* handler, or APL_NO_HANDLER */
	int32_t block;                    /* handler, or APL_NO_HANDLER */
	uint32_t flags;
	uint32_t domain;                    /* getTransitionDomain (SCXML D) when neither targetless nor dynamic; else APL_NONE */
	uint32_t first_pattern, n_patterns; /* chart->patterns[]: event descriptors; of a delay: its event's name */
	const char *because;                /* or NULL */
	apl_place place;
} apl_transition;

/*
 * A transition's entry set (SCXML D computeEntrySet), where no history has a
 * say in it: states in document order. Entry sets of transitions that are
 * taken together lie in different subtrees, so they never influence each other.
 */
typedef struct apl_plan_step {
	uint32_t state;
	int32_t block; /* of its initial transition, when it is entered by default; else APL_NO_HANDLER */
} apl_plan_step;

typedef struct apl_plan {
	uint32_t first, count; /* chart->plan_steps[]; count 0: to be computed (apl_entry_compute), or targetless */
} apl_plan;

typedef enum apl_delay_kind {
	APL_DELAY_AFTER, /* once, when the state has lasted so long */
	APL_DELAY_EVERY, /* the same, and again each time as much later */
	APL_DELAY_AT     /* once, at an instant */
} apl_delay_kind;
/* The word of the playbook that makes such a delay. */
const char *apl_delay_word(apl_delay_kind kind);

/* What becomes of a timer that was due while nobody was there to step it. */
typedef enum apl_overdue {
	APL_OVERDUE_FIRE,    /* it fires at its own time, all the same */
	APL_OVERDUE_SKIP,    /* it does not; what repeats goes on behind */
	APL_OVERDUE_COLLAPSE /* of what repeats: the last of the missed times fires for all */
} apl_overdue;
/* "fire", "skip", "collapse", as the playbook says it. */
const char *apl_overdue_name(apl_overdue overdue);

/* `after`, `every`, `at`: while in the state, event [event] happens to it alone. */
typedef struct apl_delay {
	uint32_t state;
	uint8_t kind;    /* apl_delay_kind */
	uint8_t overdue; /* apl_overdue */
	int32_t span;    /* handler that answers a span, of `at` an instant; APL_NO_HANDLER: [span_us] */
	int64_t span_us;
	uint8_t span_unit;             /* apl_span_unit, of [span_us] */
	uint32_t calendar;             /* its number, which business time is counted by; APL_NONE: the playbook's */
	int32_t calendar_handler;      /* says which one that is; APL_NO_HANDLER: [calendar] */
	uint32_t first_since, n_since; /* chart->patterns[]: counts from the later of entry and such an event; 0: from entry */
	int32_t event;                 /* the delay's own event number */
	const char *name;              /* "after.<path>.<n>", "every.…", "at.…"; n from 1, among the state's delays of all kinds */
	apl_place place;
} apl_delay;

/*
 * `invoke`: while in the state, a case of another playbook lives. Each has at most one such child at a time, so the number of the invoke
 * is the child's place in its case.
 */
typedef struct apl_invoke {
	uint32_t state;
	int32_t handler;      /* whoever steps the chart asks its port with this number what is to be opened */
	int32_t finalize;     /* block that runs before an event of the child is looked at, or APL_NO_HANDLER */
	bool autoforward;     /* what the case hears from outside, the child hears, too */
	const char *id;       /* of the invocation: done.invoke.ID; unique in the chart */
	const char *playbook; /* the child's, or NULL: computed */
	const char *because;  /* or NULL */
	int32_t done, error;  /* the events done.invoke.ID and error.invoke.ID, or -1: not declared */
	apl_place place;
} apl_invoke;

/*
 * `clock`: it runs while any of its states is active. What it counts, and against which target, whoever steps the chart knows under the
 * same number.
 */
typedef struct apl_named_clock {
	const char *name;
	uint64_t *states;          /* set */
	int32_t warning, breached; /* the events clock.NAME.warning and clock.NAME.breached: nobody outside may bear them */
	apl_place place;
} apl_named_clock;

typedef struct apl_event_name {
	const char *name;
	uint32_t size;
	bool declared; /* an outside event may bear it; else: done.state.*, error.*, delays, clocks, raised ones of imported charts */
} apl_event_name;

/*
 * Transitions that event e could select in state s: chart->candidates[first .. first+count], document order.
 * Whoever climbs from a leaf goes on with [up], and meets no state without candidates.
 */
typedef struct apl_candidate_row {
	uint32_t first, count;
	uint32_t up;     /* the nearest ancestor with candidates for the same event, or APL_NONE */
	uint32_t shared; /* states[s].shared, where it is asked */
} apl_candidate_row;

typedef struct apl_chart {
	apl_alloc alloc;
	const char *name;
	apl_state *states;
	uint32_t n_states;
	uint32_t n_words; /* 64-bit words of a set of states */
	apl_transition *transitions;
	uint32_t n_transitions;
	apl_plan *plans; /* [transition] */
	apl_plan_step *plan_steps;
	uint32_t *targets;
	int32_t *blocks;
	uint32_t *histories;
	uint32_t n_history_slots;
	const char **patterns; /* "customer", "customer.*" is stored as "customer", "*" as "*" */
	apl_delay *delays;
	uint32_t n_delays;
	apl_invoke *invokes; /* by state, then as declared */
	uint32_t n_invokes;
	apl_named_clock *clocks; /* as declared */
	uint32_t n_clocks;
	apl_event_name *events; /* every name the chart knows; the delays' are the last n_delays, in their order */
	uint32_t n_events;
	uint64_t *leaves;     /* set: atomic and final states */
	uint64_t *historians; /* set: states that have history children */
	uint32_t *candidates;
	apl_candidate_row *rows;      /* rows[event * n_states + state]; NULL when the chart is too large for that (compile.c) */
	apl_candidate_row *eventless; /* [state] */
	/* Sets of leaves: takers[event * n_words]: those that find a candidate for the event in themselves or an ancestor. */
	uint64_t *takers;
	uint64_t *eventless_takers;
	uint8_t *event_defers;                        /* [event]: some transition that matches it defers */
	int32_t error_execution, error_communication; /* event numbers */
	struct apl_chart_private *private_;           /* name tables, strings; chart.c and build.c only */
} apl_chart;

void apl_chart_free(apl_chart *chart);

/* The event's number, or -1: then apl_chart_pattern_matches decides transition by transition. */
int32_t apl_chart_event(const apl_chart *chart, const char *name, size_t size);
/* The state of that path, or APL_NONE. */
uint32_t apl_chart_state(const apl_chart *chart, const char *path, size_t size);
/* SCXML 3.12.1: does the descriptor match the event's name? "a", "a." and "a.*" are the same. */
bool apl_pattern_matches(const char *pattern, const char *event, size_t size);
/* Is that the number of a delay's own event? Only the delay's transitions take it; "*" does not. */
static inline bool apl_chart_is_delay(const apl_chart *chart, int32_t event) {
	return event >= 0 && (uint32_t)event >= chart->n_events - chart->n_delays;
}
/* Does [transition] list the event? [number] as in apl_step_event. What rows[] answers faster where there are rows. */
bool apl_chart_listens(const apl_chart *chart, const apl_transition *transition, int32_t number, const char *name, size_t size);

/* The invoke of that id, or APL_NONE. */
uint32_t apl_chart_invoke(const apl_chart *chart, const char *id, size_t size);
/* The clock of that name, or APL_NONE; the clock whose event that is, or APL_NONE. */
uint32_t apl_chart_clock(const apl_chart *chart, const char *name, size_t size);
uint32_t apl_chart_clock_of(const apl_chart *chart, int32_t event);
/* Does the clock run in this configuration? */
static inline bool apl_clock_runs_in(const apl_chart *chart, const apl_named_clock *clock, const uint64_t *configuration) {
	uint64_t active = 0;
	for (uint32_t i = 0; i < chart->n_words; i++) active |= clock->states[i] & configuration[i];
	return active != 0;
}
/* The invoke whose done.invoke.ID or error.invoke.ID the event is, or APL_NONE. */
uint32_t apl_chart_invoke_ended_by(const apl_chart *chart, int32_t event);

static inline bool apl_chart_is_descendant(const apl_chart *chart, uint32_t state, uint32_t ancestor) {
	return state > ancestor && state < chart->states[ancestor].end;
}
static inline bool apl_set_has(const uint64_t *set, uint32_t state) {
	return (set[state >> 6] >> (state & 63u)) & 1u;
}
static inline void apl_set_add(uint64_t *set, uint32_t state) {
	set[state >> 6] |= UINT64_C(1) << (state & 63u);
}
static inline void apl_set_remove(uint64_t *set, uint32_t state) {
	set[state >> 6] &= ~(UINT64_C(1) << (state & 63u));
}

#endif
