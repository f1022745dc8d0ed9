/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_MOD_STRING_H
#define APL_LUA_MOD_STRING_H

/* The halves of the string library know each other by this. */

#include "lua/host.h"

/* mod_search.c: find, gmatch, gsub and match, into the table at the top. raises */
void apl_lua_put_searches(lua_State *L);
/* Of (text, first, last): not more bytes than a call may give. raises */
void apl_lua_check_span_of_text(lua_State *L, const char *function);

#endif
