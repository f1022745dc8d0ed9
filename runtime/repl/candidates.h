/* SPDX-License-Identifier: MIT */
#ifndef REPL_CANDIDATES_H
#define REPL_CANDIDATES_H

/*
 * What could stand at the cursor, gathered by whoever knows (a command's `complete`).
 * Everything that may stand there is named; what does not go on with
 * what is typed falls through, so that nobody else needs to look.
 */
#include <stdbool.h>
#include <stddef.h>

typedef struct repl_one_candidate {
	char *text;  /* the whole word that would stand there */
	char *note;  /* a few words about it, or NULL */
	char *after; /* what is typed behind it when it is the only one: " " */
} repl_one_candidate;

typedef struct repl_candidates {
	const char *before; /* the statement up to the cursor; lent */
	const char *word;   /* where in it the word begins that is being typed */
	repl_one_candidate *items;
	size_t count, capacity;
} repl_candidates;

/* For [before] as it is: the word begins behind the last blank, bracket, comma, quotation mark or sign of a comparison. */
void repl_candidates_init(repl_candidates *candidates, const char *before);
void repl_candidates_dispose(repl_candidates *candidates);

/* The word begins at [word] instead, a place within `before`. Called before anything is added. */
void repl_candidates_begin_at(repl_candidates *candidates, const char *word);
/* [text] may stand there; [note] or NULL; a space follows it. Both are copied; one that is there already is not added again. */
void repl_candidate(repl_candidates *candidates, const char *text, const char *note);
/* The same, with what follows when it is the only one: "" behind a folder, " {" behind an event that has fields. */
void repl_candidate_with(repl_candidates *candidates, const char *text, const char *note, const char *after);

/* By name, so that whoever reads the list finds things. */
void repl_candidates_sort(repl_candidates *candidates);
/*
 * What all of them have in common behind what is typed: how many bytes, from [*text]. Of one alone all of its
 * rest. Never ends inside a character.
 */
size_t repl_candidates_common(const repl_candidates *candidates, const char **text);
/*
 * The list for people, in [columns] columns: a line each with its note, or side
 * by side when none has one. At most [most] lines, the last of which then says
 * how many more there are. free() it.
 */
char *repl_candidates_list(const repl_candidates *candidates, int columns, size_t most);

#endif
