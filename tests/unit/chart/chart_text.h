/* SPDX-License-Identifier: MIT */
#ifndef CHART_TEXT_H
#define CHART_TEXT_H

/*
 * Charts as indented text, for tests. A line declares something; two spaces of
 * indentation put it into the state above:
 *
 *   event a.b                            declared, before the root
 *   state work initial open / blocks     the root, and any state with children
 *     entry a,raise:b                    one block of actions; several lines, several blocks
 *     exit c
 *     on a.b x if yes internal -> open closed do d
 *     always if no -> closed
 *     after since a.b -> closed          a delay; `or` lines are its further candidates
 *     or -> open
 *     parallel p
 *       state r
 *     final closed outcome won
 *     state d rests why it may
 *     history back default open / e      deep: deep
 *
 * `state x initial a b / block` gives the initial transition a block. A word
 * that names a guard or block is kept as text; its number is its place in
 * [handlers]. What it means is up to the test. Places say file "t" and the line.
 */

#include "chart/build.h"

enum { MOST_HANDLERS = 256 };

typedef struct chart_text {
	char handlers[MOST_HANDLERS][256];
	int32_t n_handlers;
} chart_text;

/* Builds it; what apl_build_finish gives, or ENOMEM of a step before. */
int chart_text_build(
    chart_text *t, const char *text, const apl_alloc *alloc, const apl_build_options *options, apl_chart **out, apl_findings *findings);

/* An allocator that counts what lives and fails the n-th call that asks for memory (0: never). */
typedef struct failing_allocator {
	uint64_t asked;
	uint64_t fails_at;
	int64_t bytes;
} failing_allocator;
apl_alloc failing_alloc(failing_allocator *payload);

#endif
