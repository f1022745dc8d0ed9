/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_VOCABULARY_H
#define APL_LUA_VOCABULARY_H

/* The second door of this room for those on its right: what the language has, told word by word. */

#include "engine/program.h"

/* Those of the library's modules among them. Examples are not known here. ENOMEM. */
int apl_lua_vocabulary(const apl_alloc *alloc, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error);
/* The words of a loaded playbook's modules; nothing of a program that is not Lua's. ENOMEM. */
int apl_lua_program_words(
    const apl_program *program, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error);

#endif
