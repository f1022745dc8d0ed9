/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_SYNTAX_H
#define APL_LUA_SYNTAX_H

/*
 * Is a piece of text Lua? For rooms to the right that put playbooks together
 * from pieces which others wrote. Nothing is run, and there is nothing to run
 * it with: the state behind it has no library.
 */

#include <stdbool.h>

#include "base/alloc.h"

typedef struct apl_syntax apl_syntax;

/* NULL without memory. */
apl_syntax *apl_syntax_new(const apl_alloc *alloc);
void apl_syntax_free(apl_syntax *syntax);

typedef enum apl_syntax_form {
	APL_SYNTAX_EXPRESSION, /* one value: it may stand behind "=" and between parentheses */
	APL_SYNTAX_LOCATION,   /* what can be assigned to */
	APL_SYNTAX_STATEMENTS  /* the body of a function */
} apl_syntax_form;

/* What Lua says against it, lent until the next call; "" without memory; NULL: nothing. */
const char *apl_syntax_check(apl_syntax *syntax, apl_syntax_form form, const char *text, size_t size);

#endif
