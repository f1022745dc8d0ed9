/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_BOOK_H
#define APL_TEST_BOOK_H

/*
 * A playbook in Lua under test: loaded on a heap of its own, put into an
 * engine with the memory store, its case "c" spoken to. Nothing here sees lua.h.
 */

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "base/log.h"
#include "engine/engine.h"
#include "lua/load.h"

/* A file beside the playbook; the last one of a row has no name. */
typedef struct book_file {
	const char *name;
	const char *text; /* NULL: it cannot be read */
} book_file;

typedef struct book {
	test_heap heap;
	apl_alloc alloc;
	apl_log log;
	apl_clock clock;
	apl_engine *engine;
	apl_program *program;   /* lent by the engine */
	apl_buf lines;          /* of the journal */
	apl_buf found;          /* findings of loading: "line slug: message\n" */
	const book_file *files; /* set before it is opened, or NULL */
	const char *params;     /* likewise: parameters as JSON */
	aplomb_receipt receipt;
	aplomb_error error;
} book;

/* 2026-01-01T00:00:00Z */
#define NEW_YEAR INT64_C(1767225600000000)

/* Loads and opens an engine; returns the code of loading. book_close in any case. */
int book_try(book *b, const char *source, const aplomb_limits *limits);
/* The same, and fails the test when it does not load. */
void book_open(book *b, const char *source, const aplomb_limits *limits);
/* Frees everything and asserts that nothing is left. */
void book_close(book *b);

/* Only loading: the findings as text in a static buffer, "" when there are none. What is found elsewhere than in the playbook itself begins
 * with the file's name and a colon. */
const char *findings_of(const char *source);
/* The same of a playbook with other files. */
const char *findings_among(const char *source, const book_file *files);

/* An event for case "c" with its data as JSON (single quotes are fine) or NULL, posted and pumped. Returns the receipt's code. */
int say(book *b, const char *event, const char *data);
/* The same with what the case opens with. */
int say_opening(book *b, const char *event, const char *data, const char *open);
/* The clock goes on by so much; what is due happens. */
void wait_for(book *b, aplomb_span span);
/* The case's data as canonical JSON with single quotes, in a static buffer. */
const char *data_of(book *b);
/* Active atomic states, space separated, in a static buffer. */
const char *states_of(book *b);
/* The newest journal line with single quotes, in a static buffer. */
const char *line_of(book *b);
/* The newest line's first finding as "line slug: message", or "" when it has none; a fault's the same. */
const char *mistake_of(book *b);

/*
 * What the body of an action does, in a playbook with all types of data:
 * opens it, sends "go" with [event_data], gives the mistake ("" when none); the
 * book stays open for questions until the next call or book_end.
 */
const char *act(const char *body, const char *event_data);
/* The same for a guard: "true", "false", or the mistake. */
const char *ask(const char *body);
/* The book of the last act or ask. */
book *the_book(void);
void end_book(void);

/* Bodies of actions in a table: what each is told, and a part of what [shown] (data_of, line_of) gives afterwards. All are tried before the
 * test fails. */
typedef struct action_case {
	const char *body;
	const char *mistake; /* "" when there is none; otherwise its whole text */
	const char *part;    /* or NULL */
} action_case;
void check_actions(const action_case *cases, size_t count, const char *event_data, const char *(*shown)(book *b));

void assert_has(const char *text, const char *part, const char *file, int line);
#define assert_text_has(text, part) assert_has((text), (part), __FILE__, __LINE__)

/* The whole file, terminated; NULL when there is none. free() it. */
char *read_whole(const char *path, size_t *size);

#endif
