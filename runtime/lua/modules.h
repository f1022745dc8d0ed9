/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_MODULES_H
#define APL_LUA_MODULES_H

/* Modules: what `require` finds, and what they are while a playbook is loaded. */

#include "lua/host.h"

/* What messages call a module begins so; behind it stands its name. */
#define APL_LUA_MODULE "module "

/* Adds require to the table at the top. raises */
void apl_lua_open_modules(lua_State *L);
/* Compiles the file with that number and leaves its chunk on the stack, its globals set. raises */
void apl_lua_compile(lua_State *L, uint32_t file);
/*
 * Pushes the real table of the module that the value at [index] is, and returns
 * its name; NULL, and nothing is pushed, when it is no module. Does not raise.
 */
const char *apl_lua_to_module(lua_State *L, int index);
/* Loading has failed: tells it at each require that was under way. Does not raise. */
void apl_lua_tell_requires(apl_lua *host);

#endif
