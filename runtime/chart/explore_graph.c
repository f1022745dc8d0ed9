/* SPDX-License-Identifier: MIT */
/* Edges between numbers: gathered, put into rows, and looked through for circles by Tarjan's algorithm, without recursion. */
#include <string.h>

#include "chart/exploring.h"

void apl_graph_init(apl_graph *graph, apl_arena *work, uint32_t n_nodes) {
	*graph = (apl_graph){.work = work, .n_nodes = n_nodes};
}

void apl_graph_dispose(apl_graph *graph) {
	apl_free(&graph->work->alloc, graph->edges, graph->edges_capacity * sizeof *graph->edges);
	graph->edges = NULL;
}

bool apl_graph_add(apl_graph *graph, uint32_t from, uint32_t to) {
	if (!APL_GROW(&graph->work->alloc, graph->edges, graph->n_edges, graph->edges_capacity)) return false;
	graph->edges[graph->n_edges++] = (struct apl_graph_edge){from, to};
	return true;
}

bool apl_graph_seal(apl_graph *graph, bool backwards) {
	size_t n = graph->n_nodes;
	graph->first = apl_arena_take(graph->work, (n + 2) * sizeof *graph->first);
	graph->to = apl_arena_take(graph->work, (size_t)graph->n_edges * sizeof *graph->to);
	if (graph->first == NULL || graph->to == NULL) return false;
	memset(graph->first, 0, (n + 2) * sizeof *graph->first);
	/* Counted two places further on, so that filling moves each beginning to where it belongs. */
	for (uint32_t i = 0; i < graph->n_edges; i++) graph->first[(backwards ? graph->edges[i].to : graph->edges[i].from) + 2]++;
	for (size_t i = 2; i < n + 2; i++) graph->first[i] += graph->first[i - 1];
	for (uint32_t i = 0; i < graph->n_edges; i++) {
		uint32_t from = backwards ? graph->edges[i].to : graph->edges[i].from;
		graph->to[graph->first[from + 1]++] = backwards ? graph->edges[i].from : graph->edges[i].to;
	}
	return true;
}

typedef struct search {
	const apl_graph *graph;
	uint32_t *index; /* [node]: when it was met, from 1; 0: not yet */
	uint32_t *low;
	uint32_t *next; /* [node]: the edge to look at next */
	uint32_t *path; /* nodes being looked at, each reached from the one before */
	uint32_t *open; /* met and of no component yet */
	uint32_t *component;
	uint32_t n_path, n_open, n_met, n_components;
} search;

static void meet(search *s, uint32_t node) {
	s->index[node] = s->low[node] = ++s->n_met;
	s->next[node] = s->graph->first[node];
	s->path[s->n_path++] = node;
	s->open[s->n_open++] = node;
}

/* All that [node] leads to was looked at. */
static void leave(search *s, uint32_t node) {
	s->n_path--;
	if (s->n_path > 0) {
		uint32_t before = s->path[s->n_path - 1];
		if (s->low[node] < s->low[before]) s->low[before] = s->low[node];
	}
	if (s->low[node] != s->index[node]) return;
	uint32_t member;
	do {
		member = s->open[--s->n_open];
		s->component[member] = s->n_components;
	} while (member != node);
	s->n_components++;
}

static void search_from(search *s, const bool *skipped, uint32_t start) {
	meet(s, start);
	while (s->n_path > 0) {
		uint32_t node = s->path[s->n_path - 1];
		if (s->next[node] == s->graph->first[node + 1]) {
			leave(s, node);
			continue;
		}
		uint32_t to = s->graph->to[s->next[node]++];
		if (skipped[to]) continue;
		if (s->index[to] == 0)
			meet(s, to);
		else if (s->component[to] == APL_NONE && s->index[to] < s->low[node])
			s->low[node] = s->index[to];
	}
}

bool apl_graph_components(const apl_graph *graph, const bool *skipped, uint32_t *component, uint32_t *n_components) {
	size_t size = graph->n_nodes * sizeof(uint32_t);
	uint32_t *arrays[5];
	for (int i = 0; i < 5; i++) {
		arrays[i] = apl_arena_take(graph->work, size);
		if (arrays[i] == NULL) return false;
	}
	search s = {graph, arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], component, 0, 0, 0, 0};
	memset(s.index, 0, size);
	for (uint32_t i = 0; i < graph->n_nodes; i++) component[i] = APL_NONE;
	for (uint32_t i = 0; i < graph->n_nodes; i++)
		if (!skipped[i] && s.index[i] == 0) search_from(&s, skipped, i);
	*n_components = s.n_components;
	return true;
}
