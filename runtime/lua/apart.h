/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_APART_H
#define APL_LUA_APART_H

/*
 * Guards taken apart: a text into its parts, a function into the lines of code
 * at which it looked at something of the case. While host->apart is set,
 * functions are answered by Lua, and whatever they look at is written there.
 */

#include "engine/apart.h"
#include "lua/host.h"

/* apl_program_ops.apart */
int apl_lua_apart(void *self, apl_turn *turn, int32_t handler, apl_apart *out);
/* apl_program_ops.guard: answer.c */
int apl_lua_answer_guard(void *self, apl_turn *turn, int32_t handler);

/* apl_program_ops.made */
bool apl_lua_tell_made(void *self, apl_turn *turn, apl_apart *apart, void (*tell)(const aplomb_made *made, void *payload), void *payload);

/* What a function that is asked with host->apart looks at. None of them raises. */
void apl_lua_looked_at_member(lua_State *L, const apl_lua_node *node, const uint64_t *words, const char *name);
void apl_lua_looked_at_state(lua_State *L, const char *path, bool answer);
void apl_lua_looked_at_time(lua_State *L, const char *path, bool total, aplomb_span answer);
void apl_lua_looked_at_count(lua_State *L, const char *name, int64_t answer);
/* [answer]: as text, or NULL: it is missing. */
void apl_lua_looked_at_clock(lua_State *L, const char *name, const char *field, const char *answer);
void apl_lua_looked_at_condition(lua_State *L, const apl_lua_function *condition);

#endif
