/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_POLICY_H
#define APL_LUA_POLICY_H

/*
 * What operations change without touching a rule: parameters and phrases, in
 * policy.lua, or handed in. Values only.
 */

#include "lua/values.h"
#include "lua/words.h"

/* Where things are that are read now and used later. */
enum { APL_SPOT_PARAMS, APL_SPOT_GIVEN, APL_SPOT_FALLBACK, APL_SPOTS };

/*
 * The playbook's files have run: reads policy.lua, phrases.lua and the
 * library's phrases, as far as there are any, and what was given as params. A
 * C function: () → ()
 */
int apl_lua_read_policy(lua_State *L);
/* The params' types are with the schema's builder: sets the policy's values, then those given. raises */
void apl_lua_apply_policy(lua_State *L);

#endif
