/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_BUILD_H
#define APL_CHART_BUILD_H

/*
 * From declarations to a chart. Declare states in document order, each begun
 * and ended around its children; then finish, which resolves every name and
 * tells all findings at once. Strings are copied.
 *
 * Targets are looked up like variables (docs/language.md): among the children of the state
 * that carries the transition, the state itself, its siblings, then outward;
 * dotted paths go inward from what the first part found. An initial looks only
 * inward. A target outside the region of a parallel that the source stands in
 * is refused (cross-region-target). With [free_targets], as imported SCXML and
 * the random charts of the tests need, a target is any state's id, anywhere,
 * regions may be crossed, and ids must be unique in the chart.
 *
 * [outward] begins the search outside of the state.
 *
 * A transition that a region itself carries to states inside it is made
 * internal (not with [free_targets]): external, SCXML would leave all regions.
 *
 * Findings (slug: meaning). Errors:
 *   duplicate-state          two siblings of one id; with free_targets two states of the chart
 *   bad-id                   an id is [a-z][a-z0-9-]*; with free_targets not empty and without spaces; at most 255 bytes
 *   unknown-target           a target does not exist, or is not in reach
 *   ambiguous-target         a target names a duplicate
 *   cross-region-target      a target is reached only by leaving all regions of a parallel
 *   target-not-legal         targets that cannot be active together (SCXML 3.11); the root; a history's default that is its sibling history
 *   unknown-event            a listener of an event nobody declares (not with any_event)
 *   bad-event-name           a name or descriptor that is none; names of the machine's own ("done.state.", "after.")
 *   initial-missing          initial names no state inside
 *   initial-not-compound     initial on a state that has no use for it
 *   final-with-children, final-with-transition, final-in-parallel
 *   history-without-default, history-default-outside, history-with-content
 *   ambiguous-done           done.state.X, and two states X that end
 *   empty-parallel           a parallel without regions
 *   duplicate-invoke         two invokes of one id
 *   unknown-state            a clock is to run in a state that is not there, or not in reach, or that is never active: the root, a history
 *   bad-defer                defers, but has a target or action, or is no event's
 *   limit-states, limit-depth   more states than allowed; nested deeper than 64. Nothing else is told then.
 * Warnings:
 *   unreachable-state        nothing can ever enter it; told for the outermost only
 *   no-children              a root without states
 */

#include "chart/chart.h"

typedef struct apl_builder apl_builder;

typedef struct apl_build_options {
	const char *name;
	bool free_targets;
	bool any_event;       /* listeners of undeclared events are no finding (imported charts, tests) */
	uint32_t most_states; /* limit; 0: 16,384 */
} apl_build_options;

apl_builder *apl_builder_new(const apl_alloc *alloc, const apl_build_options *options);
void apl_builder_free(apl_builder *builder);

/* Every function returns false only without memory; mistakes become findings at finish. */

/* An event the outside may send, or that the case may raise. */
bool apl_build_event(apl_builder *b, const char *name, apl_place place);

typedef enum apl_build_kind {
	APL_BUILD_STATE,
	APL_BUILD_PARALLEL,
	APL_BUILD_FINAL,
	APL_BUILD_HISTORY,
	APL_BUILD_DEEP_HISTORY
} apl_build_kind;

/* The first one begun is the root (STATE or PARALLEL). Nothing else may be declared before. */
bool apl_build_begin(apl_builder *b, apl_build_kind kind, const char *id, apl_place place);
bool apl_build_end(apl_builder *b);

/* For the state begun last and not ended. */
bool apl_build_entry(apl_builder *b, int32_t block); /* one block of actions; several are kept apart */
bool apl_build_exit(apl_builder *b, int32_t block);
bool apl_build_outcome(apl_builder *b, const char *outcome);
/* Why it is fine that nothing is due in it. */
bool apl_build_rests(apl_builder *b, const char *why);
/* Initial of a compound state, or default of a history: targets separated by spaces. Not called: the first child that is no history
 * (SCXML 3.6). [target_places]: of each target, or NULL. */
bool apl_build_initial(apl_builder *b, const char *targets, int32_t block, apl_place place, const apl_place *target_places);

typedef struct apl_build_transition_options {
	const char *events;  /* descriptors separated by spaces; NULL: eventless (or of a delay) */
	const char *targets; /* names separated by spaces; NULL: targetless */
	int32_t guard;
	int32_t block;
	bool internal;
	bool defers;
	const char *because;
	apl_place place;
	/*
	 * Targets are looked up from outside the state: among its siblings, then outward. For a way out that whoever put the state there wrote:
	 * what the state holds has no say. Such a transition may listen to the state's own end though another state of that id ends, too.
	 */
	bool outward;
	/* Of single names, as many as there are, for findings about them; NULL: they stand at [place]. Copied. */
	const apl_place *event_places;
	const apl_place *target_places;
	apl_place defer_place;
} apl_build_transition_options;
/* The number that the state begun last and not ended will have in the chart. */
uint32_t apl_build_number(const apl_builder *b);
/* That of the state around it; APL_NONE: it is the root. */
uint32_t apl_build_parent(const apl_builder *b);
/* Of the state begun last and not ended, its n-th child so far that is a final, from 0: the id and the number that the state will have
 * in the chart. NULL behind the last, and when there are too many states. */
const char *apl_build_final(const apl_builder *b, uint32_t n, uint32_t *number);
bool apl_build_transition(apl_builder *b, const apl_build_transition_options *options);

/* A delay of that state; its transitions follow, candidates in order, each with events NULL. */
typedef struct apl_build_delay_options {
	apl_delay_kind kind;
	int32_t span;      /* handler, or APL_NO_HANDLER */
	int64_t span_us;   /* of `at` the instant */
	uint8_t span_unit; /* apl_span_unit, of [span_us] */
	/* Which calendar counts business time: its number plus 1, or 0: the playbook's; or the handler that says so, plus 1. */
	uint32_t calendar, calendar_handler;
	const char *since; /* descriptors separated by spaces, or NULL */
	const apl_build_transition_options *transitions;
	uint32_t n_transitions;
	apl_place place;
	const apl_place *since_places; /* of each descriptor in [since], or NULL */
	apl_overdue overdue;
} apl_build_delay_options;
bool apl_build_delay(apl_builder *b, const apl_build_delay_options *options);

/* A child case of the state begun last and not ended. */
typedef struct apl_build_invoke_options {
	int32_t handler;
	int32_t finalize; /* or APL_NO_HANDLER */
	bool autoforward;
	const char *id;       /* NULL: PATH.N, with N from 1 among the state's invokes */
	const char *playbook; /* or NULL: computed */
	const char *because;  /* or NULL */
	apl_place place;
} apl_build_invoke_options;
bool apl_build_invoke(apl_builder *b, const apl_build_invoke_options *options);
/* The id of the invoke that was declared last: its own, or the one made for it. */
const char *apl_build_invoke_id(const apl_builder *b);

/* A clock. Its states are looked up from the state begun last and not ended, as a target is by its first part, or by their whole path. */
typedef struct apl_build_clock_options {
	const char *name;
	const char *states;      /* separated by spaces */
	const apl_place *places; /* of each, or NULL */
	apl_place place;
} apl_build_clock_options;
bool apl_build_clock(apl_builder *b, const apl_build_clock_options *options);

/*
 * Resolve and compile. Findings are added; when any is an error returns
 * EPLAYBOOK and no chart. ENOMEM. The builder is used up either way (free it).
 */
int apl_build_finish(apl_builder *b, apl_chart **out, apl_findings *findings);

#endif
