/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_EXPLORING_H
#define APL_CHART_EXPLORING_H

/*
 * Private to the exploration of a chart.
 *
 *   explore.c          what can be entered and what can end, for all of them
 *   explore_ends.c     dead ends, and whence no final is reached
 *   explore_waits.c    waits without a clock
 *   explore_order.c    what is asked before takes it every time
 *   explore_always.c   eventless transitions for ever
 *   explore_graph.c    edges between numbers: who leads where, what is a circle
 */

#include "base/buf.h"
#include "base/map.h"
#include "chart/draft.h"
#include "chart/explore.h"

typedef struct apl_exploring {
	const apl_chart *chart;
	const apl_explore_options *options;
	apl_arena work;
	apl_arena kept; /* keys of [told]: [work] is given back in parts */
	apl_findings *findings;
	apl_map done; /* "done.state.ID" → number + 1 of the state that it tells of; 0 + 1: of several */
	bool *reached;
	bool *ends;   /* it can be done: a final in it, or all its regions' */
	bool *dead;   /* explore_ends.c: told as a dead end, or within one */
	apl_map told; /* slug and place: a fragment that is used twice is told about once */
	apl_buf who;
	bool no_memory;
} apl_exploring;

/* Each returns false without memory only. */
bool apl_explore_ends(apl_exploring *e);
bool apl_explore_waits(apl_exploring *e);
bool apl_explore_order(apl_exploring *e);
bool apl_explore_always(apl_exploring *e);

static inline bool apl_is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}
static inline bool apl_is_leaf(const apl_state *state) {
	return state->kind == APL_ATOMIC || state->kind == APL_FINAL;
}
/* Is this the first finding of that slug at that place? Asked before it is told. */
bool apl_explore_is_new(apl_exploring *e, const char *slug, apl_place place);
/* `state "work.offered"`; lent until the next call. */
const char *apl_explore_who(apl_exploring *e, uint32_t state);
/* How a message names a state besides the one it is about. */
const char *apl_explore_name(const apl_chart *chart, uint32_t state);
/* The state whose end, and nothing else, the descriptor tells; APL_NONE: it takes other events, or several ends. */
uint32_t apl_explore_done(const apl_exploring *e, const char *pattern);
/* Whoever waits for an event that begins like it, or for any, waits for it. */
bool apl_explore_is_waited_for(const apl_chart *chart, int32_t event);
/* Does the transition wait only for ends? */
bool apl_explore_waits_for_ends(const apl_exploring *e, const apl_transition *transition);
/* Regular transitions of the state and all in it stand together: the first, and how many. */
uint32_t apl_explore_transitions_in(const apl_chart *chart, uint32_t state, uint32_t *first);

/* ---- explore_graph.c ---- */

/* Edges between nodes 0 .. n_nodes-1; in rows once it is sealed. */
typedef struct apl_graph {
	apl_arena *work;
	uint32_t n_nodes;
	struct apl_graph_edge {
		uint32_t from, to;
	} * edges;
	uint32_t n_edges, edges_capacity;
	uint32_t *first; /* [node .. node+1] in [to]: where it leads, in the order the edges were added */
	uint32_t *to;
} apl_graph;

void apl_graph_init(apl_graph *graph, apl_arena *work, uint32_t n_nodes);
void apl_graph_dispose(apl_graph *graph);
bool apl_graph_add(apl_graph *graph, uint32_t from, uint32_t to);
/* Makes the rows; with [backwards] the other way round. */
bool apl_graph_seal(apl_graph *graph, bool backwards);
/*
 * Circles: component[node], numbered so that whatever a component leads to has a
 * smaller number. Nodes of which [skipped] is set are not there: APL_NONE.
 */
bool apl_graph_components(const apl_graph *graph, const bool *skipped, uint32_t *component, uint32_t *n_components);

#endif
