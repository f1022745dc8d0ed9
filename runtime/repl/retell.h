/* SPDX-License-Identifier: MIT */
#ifndef REPL_RETELL_H
#define REPL_RETELL_H

/*
 * The played case once more, as what somebody did and let happen: where it
 * began, who said what, how long one waited. What is saved as a script or as a
 * test is told so, from the journal lines, and so is a recorded journal, or a
 * branch that grew after going back.
 */
#include "repl/inside.h"
#include "repl/literal.h"

typedef struct repl_retelling {
	/* The head, and the opening, which happened at [at]. */
	void (*opens)(void *payload, aplomb_value head, aplomb_value opened, aplomb_instant at);
	/* Nothing happens from outside until [at], [span] later. */
	void (*waits)(void *payload, aplomb_span span, aplomb_instant at);
	/* Something happens from outside. */
	void (*happens)(void *payload, aplomb_value entry);
	/* An entry that came of the step told last: of an opening, a wait, or what happened; each entry once. */
	void (*came)(void *payload, aplomb_value entry);
} repl_retelling;

/* Lines of a kind that nobody can do at the prompt are told on the screen and left out; returns how many. */
size_t repl_retell(repl *r, const repl_retelling *retelling, void *payload);

/* What an event carries, without what its declaration says anyway: [is_usual] of a member. */
bool repl_is_default(const repl *r, aplomb_declares what, const char *name, const char *field, aplomb_value value);

/* The case as a script for the prompt, and as a file of tests. [path] is where the latter will lie. */
void repl_save_script(repl *r, repl_text *out);
void repl_save_test(repl *r, const char *path, repl_text *out);

#endif
