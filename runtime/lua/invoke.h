/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_INVOKE_H
#define APL_LUA_INVOKE_H

/* What an `invoke` is given: kept while loading, read when a child is to begin. answer.c asks for it. */

#include "lua/words.h"

/* The part is in the table's host->invokes from now on: its number there. raises */
uint32_t apl_lua_keep_invoke(lua_State *L, int part, int table, const apl_spot *spot);
/* Pushes what was given that is no function. Does not raise. */
void apl_lua_push_invoke_part(lua_State *L, uint32_t number, apl_lua_invoke_part part);
/* C functions: (data or params, or nil) and (a playbook's id, or a locale, or nil) → is it there; host->json holds it then. */
int apl_lua_read_opening(lua_State *L);
int apl_lua_read_invoked(lua_State *L);

#endif
