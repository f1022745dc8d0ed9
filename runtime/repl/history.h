/* SPDX-License-Identifier: MIT */
#ifndef REPL_HISTORY_H
#define REPL_HISTORY_H

/*
 * What was typed, across starts: whole statements, those of many lines too, in
 * a file that several sessions may use at once. docs/repl.md has its form.
 */
#include <stdbool.h>
#include <stddef.h>

enum {
	REPL_HISTORY_MOST = 2000,        /* statements */
	REPL_HISTORY_LONGEST = 64 << 10, /* bytes of one; a longer one is not kept */
	REPL_HISTORY_LARGEST = 16 << 20  /* bytes of a file that is read at all */
};

typedef struct repl_history {
	char *path;        /* NULL: statements are kept for this session alone */
	char **statements; /* oldest first */
	size_t count, room;
} repl_history;

/*
 * Reads the file [path] (NULL: none). [trouble] gets a sentence when it could not be read, or not all of it, for the caller to
 * free(); otherwise NULL. A file that cannot be used is left alone, and the history then ends with the session.
 */
void repl_history_open(repl_history *history, const char *path, char **trouble);
void repl_history_dispose(repl_history *history);
/*
 * Keeps a statement, in the file at once. Not kept: an empty one, one that begins with a space, the same as the last, one
 * longer than REPL_HISTORY_LONGEST. Returns whether it was; [trouble] as above, and the file is not written again after that.
 */
bool repl_history_add(repl_history *history, const char *text, size_t size, char **trouble);

#endif
