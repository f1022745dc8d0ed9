/* SPDX-License-Identifier: MIT */
#ifndef REPL_TABLE_PLACE_H
#define REPL_TABLE_PLACE_H

/*
 * Where in a table somebody is typing: { order = "A-1", address = { ci
 * Tables are written as in playbooks or as JSON, and what is typed is not finished.
 */
#include <stdbool.h>
#include <stddef.h>

#include "repl/text.h"

typedef struct repl_table_place {
	int depth;        /* brackets that are open; 0: before the table, or behind it */
	bool is_behind;   /* a table was closed, and nothing is open */
	bool is_list;     /* the innermost bracket is a list's, or cannot be told */
	bool is_value;    /* behind a name and its "="; otherwise a name is wanted */
	const char *text; /* where the text in quotation marks begins that is being typed, its mark first; or NULL */
	const char *rest; /* behind the table, when it is */
	repl_text path;   /* the names that lead here, and of a value its own: "address.city" */
	repl_text names;  /* those that stand at this level already, each with a newline behind it */
} repl_table_place;

void repl_table_place_find(repl_table_place *place, const char *before);
void repl_table_place_dispose(repl_table_place *place);
/* Does the name stand at this level already? */
bool repl_table_place_has(const repl_table_place *place, const char *name, size_t size);

#endif
