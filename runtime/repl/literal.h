/* SPDX-License-Identifier: MIT */
#ifndef REPL_LITERAL_H
#define REPL_LITERAL_H

/* Values as they are typed. */
#include "aplomb.h"
#include "repl/text.h"

/* Who reads it: the prompt, or a test of a playbook. They differ in how an empty list is written. */
typedef enum repl_tongue { REPL_TONGUE_PROMPT, REPL_TONGUE_TEST } repl_tongue;

void repl_put_literal(repl_text *out, aplomb_value value, repl_tongue tongue);
/* name = value, or ["a name"] = value. */
void repl_put_member(repl_text *out, const char *key, aplomb_value value, repl_tongue tongue);
void repl_put_text_literal(repl_text *out, const char *text, size_t size);

#endif
