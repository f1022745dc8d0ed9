/* SPDX-License-Identifier: MIT */
#ifndef REPL_LUA_H
#define REPL_LUA_H

/* Lua at the prompt: what is asked, what is tried, and the names that a session keeps for its values. */
#include "repl/inside.h"

/* names.c */
void repl_own_names_keep(repl_own_names *names, const char *name, const char *literal);
const char *repl_own_names_find(const repl_own_names *names, const char *name);
void repl_own_names_dispose(repl_own_names *names);
/* "local x = 5; local y = …; " of those that the text mentions, appended. */
void repl_own_names_declare(const repl_own_names *names, const char *text, repl_text *out);
/* The name that `NAME = EXPRESSION` keeps, copied: free() it; [*rest] is the expression. NULL: the text is something else. */
char *repl_own_names_kept(const char *text, const char **rest);
/* A name of Lua's grammar at the beginning: its size, or 0. Keywords are none. */
size_t repl_name_size(const char *text);

/*
 * What the expression comes to in the played case. 0, or the library's code with [error], whose line and column are
 * those of [text]. [out->text] and the others are lent until the expression is freed, which is the caller's.
 */
int repl_ask(repl *r, const char *text, aplomb_expression **expression, aplomb_answer *out, aplomb_error *error);
/* Loads the playbook's files again, and plays the case so far on them. */
int repl_reload(repl *r);
/* What went wrong with [text], and where in it. Always REPL_FAILED. */
int repl_fail_lua(repl *r, const char *text, const aplomb_error *error);

#endif
