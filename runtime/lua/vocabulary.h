/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_VOCABULARY_H
#define APL_LUA_VOCABULARY_H

/* The second door of this room for those on its right: what the language has, told word by word. */

#include "base/alloc.h"
#include "base/error.h"

/* Examples are not known here. ENOMEM. */
int apl_lua_vocabulary(const apl_alloc *alloc, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error);

#endif
