/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_WORLD_H
#define APL_TEST_WORLD_H

/*
 * An engine for tests: its own heap, a clock turned by hand, the memory store
 * with a sink that keeps all lines and can refuse a commit, a log whose codes
 * are kept, receipts as text. Programs are plain C: a chart made with
 * chart/build.h and handlers that are functions, told by their numbers.
 */

#include "../test_heap.h"
#include "chart/build.h"
#include "engine/engine.h"

/* ---- programs ------------------------------------------------------------- */

typedef int (*test_handler)(apl_turn *turn);
typedef int (*test_span)(apl_turn *turn, aplomb_span *out);

typedef struct test_event {
	const char *name;
	const char *schema; /* as tests/unit/data/declare.h reads it; NULL: no data */
} test_event;

typedef struct test_counter {
	const char *name;
	const char *of; /* one descriptor */
	int32_t guard;
	aplomb_span window;
} test_counter;

typedef struct test_program {
	const char *id;
	const char *source;        /* what is hashed */
	const char *data, *params; /* schemas */
	const test_event *events;
	uint32_t n_events;
	const test_event *effects;
	uint32_t n_effects;
	const test_counter *counters;
	uint32_t n_counters;
	bool asks_time_in;
	bool any_event; /* see chart/build.h */
	bool free_targets;
	const test_handler *handlers;
	const test_span *spans;
	/* Instead of the two: one function for all numbers. */
	int (*answer)(apl_turn *turn, int32_t handler);
	aplomb_span (*answer_span)(apl_turn *turn, int32_t handler);
	bool (*build)(apl_builder *b);
	apl_chart *(*chart)(void); /* instead of build: takes one ready-made, of the system's memory */
} test_program;

/* NULL without memory. */
apl_program *program_new(const apl_alloc *alloc, const test_program *spec);

/* Short ways to declare. */
apl_build_transition_options on(const char *events, const char *targets);
bool state(apl_builder *b, const char *id);
bool leaf(apl_builder *b, const char *id); /* begun and ended */

/* ---- worlds ------------------------------------------------------------------ */

typedef struct world_options {
	bool time_follows_events;
	bool forget;
	bool rehearses; /* then there is no handler of effects */
	uint32_t snapshot_every;
	const aplomb_limits *limits;
	aplomb_level log_level; /* 0: debug */
	const char *trace_case;
} world_options;

typedef struct world {
	test_heap heap;
	apl_alloc alloc;
	apl_clock clock;
	apl_log log;
	apl_engine *engine;
	apl_buf lines;                                                   /* of every commit that succeeded */
	uint32_t commits;                                                /* asked for */
	uint32_t fail_commit;                                            /* the commit that the sink refuses; 0: none */
	apl_buf said;                                                    /* the log: code per line */
	apl_buf receipts;                                                /* a line each */
	apl_buf effects;                                                 /* a line each, as handed to the handler */
	uint32_t refuse_effects;                                         /* the handler refuses that many */
	void (*before_post)(struct world *w, const aplomb_event *event); /* by post and post_as; or NULL */
} world;

/* 2026-01-01T00:00:00Z: where the clocks of tests begin. */
#define NEW_YEAR INT64_C(1767225600000000)

/* false without memory; then everything was freed. */
bool world_open(world *w, const test_program *spec, const world_options *options);
void world_close(world *w);
/* Closes it and asserts that nothing is left. */
void world_end(world *w);

/* Posts at [at] (relative to NEW_YEAR), with data as JSON (single quotes are fine) or NULL; returns the code. */
int post(world *w, const char *case_id, const char *event, aplomb_span at, const char *data);
int post_as(world *w, const char *id, const char *case_id, const char *event, aplomb_span at, const char *data, const char *open);
extern aplomb_error post_error; /* of the newest post */
/* Pumps until there is nothing more to do; asserts that it works. */
void pump(world *w);
/* Turns the clock (relative to NEW_YEAR) and pumps. */
void turn_to(world *w, aplomb_span at);
/* post and pump. */
void happen(world *w, const char *case_id, const char *event, aplomb_span at, const char *data);

apl_case *case_of(world *w, const char *id);
/* Active atomic states, space separated, in a static buffer. */
const char *states_of(world *w, const char *id);
const char *data_of(world *w, const char *id);
/* The case's snapshot, in a buffer of four that are used in turn; with [plain] without sha256. */
const char *snapshot_of(world *w, const char *id, bool plain);
/* The n-th line of the sink, from 0; NULL beyond the last. In a static buffer. */
const char *line_at(world *w, uint32_t n);
uint32_t count_lines(world *w);
/* The newest line. */
const char *last_line(world *w);
/* The text of [buf] as a string. */
const char *text_of(apl_buf *buf);
/* Does the newest line hold that text? (single quotes stand for double ones) */
#define assert_last_line_has(w, part) assert_has(last_line(w), (part), __FILE__, __LINE__)
#define assert_text_has(text, part) assert_has((text), (part), __FILE__, __LINE__)
void assert_has(const char *text, const char *part, const char *file, int line);
/* All lines of the sink form a good journal. */
void assert_journal(world *w);

#endif
