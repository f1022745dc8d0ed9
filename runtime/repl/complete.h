/* SPDX-License-Identifier: MIT */
#ifndef REPL_COMPLETE_H
#define REPL_COMPLETE_H

/*
 * What may stand behind commands, from the playbook and the case: for the
 * `complete` of whichever command takes such a thing. Each is a function of the shape that a
 * command wants; [before] is its argument up to the cursor.
 */
#include "repl/inside.h"

/* An event, its fields in { … } with the values that one_of and boolean may have, then `by` and who. */
void repl_complete_happening(repl *r, const char *before, repl_candidates *out);
/* A table of the case's data, then what else opens a case. */
void repl_complete_opening(repl *r, const char *before, repl_candidates *out);
/* Behind words in quotation marks: fields of what the customer, or the agent, says. */
void repl_complete_customer(repl *r, const char *before, repl_candidates *out);
void repl_complete_agent(repl *r, const char *before, repl_candidates *out);
/* The name of an event alone. */
void repl_complete_event(repl *r, const char *before, repl_candidates *out);
/* A state, by the end of its path. */
void repl_complete_state(repl *r, const char *before, repl_candidates *out);
/* An option of the newest menu, open or closed. (cmd_menu.c) */
void repl_complete_option(repl *r, const char *before, repl_candidates *out);
/* An instant: of what is due. */
void repl_complete_due(repl *r, const char *before, repl_candidates *out);
/* What `help` knows: a command, an event or effect of the playbook, a word of its language. */
void repl_complete_help(repl *r, const char *before, repl_candidates *out);
/* A file's name, which is the whole argument. */
void repl_complete_file(repl *r, const char *before, repl_candidates *out);

#endif
