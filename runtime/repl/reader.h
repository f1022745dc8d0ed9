/* SPDX-License-Identifier: MIT */
#ifndef REPL_READER_H
#define REPL_READER_H

/*
 * Where statements come from: a person before a terminal, with an editor
 * (libedit), completion and a history; or a pipe, a file, a terminal that can do
 * nothing, read line by line. Both give the same statements for the same text:
 * what is pasted means what the same lines of a script mean.
 *
 * What makes a statement whole, what may be completed, and what a prompt says,
 * the owner decides through its callbacks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "repl/candidates.h"

typedef struct repl_reader repl_reader;

typedef struct repl_reader_options {
	FILE *input;      /* statements stand there; lent, and nobody else reads from it while the reader lives */
	FILE *output;     /* the terminal on which a person sees them; NULL: standard output */
	bool is_terminal; /* a person types them */
	bool has_colour;
	/*
	 * The prompt of a first line, and of those that continue it, as UTF-8. It may hold colours (ESC [ … m). Lent until the
	 * next call. Asked for only when a person types.
	 */
	const char *(*prompt)(void *payload, bool is_first);
	/* Is it a statement as it stands, or does another line belong to it? NULL: every line is one. */
	bool (*is_whole)(void *payload, const char *text, size_t size);
	/* What could stand at the end of [before], the statement up to the cursor. NULL: nothing is completed. */
	void (*complete)(void *payload, const char *before, repl_candidates *out);
	/* A sentence about the reader itself, such as a history that cannot be read; no newline. NULL: it is not told. */
	void (*tell)(void *payload, const char *sentence);
	const char *history; /* file that statements are kept in across starts, or NULL */
	size_t most;         /* bytes of one statement, or of one paste; 0: 1 MiB at a terminal, otherwise 16 MiB */
	void *payload;
} repl_reader_options;

enum {
	REPL_READ_FAILED = -1,     /* errno says why */
	REPL_READ_END = 0,         /* nothing more comes: the end of the file, Ctrl-D on an empty line */
	REPL_READ_STATEMENT = 1,   /* [*text], lent until the next call, without its last newline; empty when only Enter was typed */
	REPL_READ_INTERRUPTED = 2, /* Ctrl-C: what was typed is thrown away */
	REPL_READ_TOO_LONG = 3     /* a statement beyond [most], or with a NUL in it; skipped */
};

/* Where there can be no editor it reads plainly. Always true. */
bool repl_reader_open(repl_reader **out, const repl_reader_options *options);
/*
 * One whole statement. The terminal's modes, the signals' handlers and the
 * thread's locale are after each call what they were before it.
 */
int repl_reader_statement(repl_reader *reader, const char **text, size_t *size);
/* Statements of a paste that were not handed out yet are forgotten, for the one before them failed. Returns how many bytes. */
size_t repl_reader_drop(repl_reader *reader);
/* Is there an editor, and somebody before it? */
bool repl_reader_edits(const repl_reader *reader);
void repl_reader_close(repl_reader *reader);

/*
 * Which file keeps the history: APLOMB_HISTORY, or aplomb/history in XDG_STATE_HOME or ~/.local/state. NULL: none
 * (APLOMB_HISTORY is empty, or there is no home). free() it.
 */
char *repl_history_path(void);

#endif
