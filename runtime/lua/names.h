/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_NAMES_H
#define APL_LUA_NAMES_H

/* The fourth door of this room for those on its right: what an expression can name. */

#include "engine/program.h"

/* Behind [owner] and a dot or a colon; "": at the beginning. Nothing of a program that is not Lua's. ENOMEM, ELIMIT. */
int apl_lua_names(const apl_program *program, const char *owner, void (*tell)(const char *name, const char *note, void *payload),
    void *payload, aplomb_error *error);

#endif
