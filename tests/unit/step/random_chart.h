/* SPDX-License-Identifier: MIT */
#ifndef RANDOM_CHART_H
#define RANDOM_CHART_H

/*
 * Charts made by chance, as a description that can be built, made smaller
 * piece by piece, and printed for a person. Every piece keeps its number when
 * others are taken away, so that what chance decided for it stays decided.
 */

#include <stdio.h>

#include "chart/build.h"

enum { MOST_NODES = 140, MOST_EDGES = 400, MOST_TARGETS = 4, NAME_SIZE = 48 };

/* Numbers of handlers tell what they are; the rest is the number of the state (blocks: times four) or the edge. */
enum {
	ENTRY_BLOCKS = 1000,
	EXIT_BLOCKS = 2000,
	INITIAL_BLOCKS = 3000,
	GUARDS = 4000,
	EVENTLESS_GUARDS = 5000,
	BLOCKS = 6000,
	SPANS = 7000
};

typedef struct node {
	bool gone;
	apl_build_kind kind;
	uint32_t parent; /* smaller; the root's is APL_NONE */
	uint32_t end;    /* one past the last descendant */
	uint32_t n_entry, n_exit;
	bool has_initial, initial_block;
	uint32_t targets[MOST_TARGETS];
	uint32_t n_targets;
} node;

typedef enum edge_kind { EDGE_EVENT, EDGE_EVENTLESS, EDGE_DELAY } edge_kind;

typedef struct edge {
	bool gone;
	edge_kind kind;
	uint32_t source;
	char events[NAME_SIZE];
	uint32_t targets[MOST_TARGETS];
	uint32_t n_targets;
	bool guard, block, internal, defers;
} edge;

typedef struct random_chart {
	uint64_t seed;
	node nodes[MOST_NODES];
	uint32_t n_nodes;
	edge edges[MOST_EDGES];
	uint32_t n_edges;
} random_chart;

/* Of the edges that are delays, each third is of another kind. */
static inline apl_delay_kind kind_of_delay(uint32_t number) {
	return (apl_delay_kind)(number % 3);
}

uint64_t next_random(uint64_t *state);
uint32_t below(uint64_t *state, uint32_t bound);
bool chance(uint64_t *state, uint32_t percent);

void generate(random_chart *chart, uint64_t seed);
/* NULL when the builder refuses it; the findings then go to [complaints], if any. */
apl_chart *build(const random_chart *chart, FILE *complaints);
void print_chart(FILE *out, const random_chart *chart);

/*
 * The [n]-th way to make it smaller. False when there is no such way; a way
 * that changes nothing gives an equal chart.
 */
bool smaller(random_chart *out, const random_chart *chart, uint32_t n);
/* How much there is of it: a smaller chart has less. */
uint32_t weight(const random_chart *chart);

#endif
