/* SPDX-License-Identifier: MIT */
#ifndef REPL_READER_H
#define REPL_READER_H

/* Where statements come from: a file or a pipe, line by line, or a person at a terminal. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- completion ----------------------------------------------------------- */

/* What could stand at the cursor, gathered by whoever knows. */
typedef struct repl_candidates {
	char **texts; /* each the whole word that would stand there */
	char **notes; /* a few words about it, or NULL */
	size_t count, capacity;
} repl_candidates;

/* Both are copied; one that is there already is not added again. */
void repl_candidate(repl_candidates *candidates, const char *text, const char *note);
void repl_candidates_dispose(repl_candidates *candidates);

/* ---- the reader ------------------------------------------------------------ */

typedef struct repl_reader repl_reader;

typedef struct repl_reader_options {
	FILE *input;      /* commands stand there; lent */
	bool is_terminal; /* a person types them */
	/* The prompt of a first line, and of those that continue it. Lent until the next call. */
	const char *(*prompt)(void *payload, bool is_first);
	/* Is it a statement as it stands, or does another line belong to it? */
	bool (*is_whole)(void *payload, const char *text, size_t size);
	/* What could stand at the end of [before], the statement up to the cursor. */
	void (*complete)(void *payload, const char *before, repl_candidates *out);
	const char *history; /* file that statements are kept in, or NULL */
	void *payload;
} repl_reader_options;

enum {
	REPL_READ_FAILED = -1,     /* errno says why */
	REPL_READ_END = 0,         /* nothing more comes */
	REPL_READ_STATEMENT = 1,   /* [*text], lent until the next call, without its last newline */
	REPL_READ_INTERRUPTED = 2, /* Ctrl-C: what was typed is thrown away */
	REPL_READ_TOO_LONG = 3     /* a line of more than 16 MiB, or one with a NUL in it; skipped */
};

/* false: errno says why. */
bool repl_reader_open(repl_reader **out, const repl_reader_options *options);
int repl_reader_statement(repl_reader *reader, const char **text, size_t *size);
void repl_reader_close(repl_reader *reader);

#endif
