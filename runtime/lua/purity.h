/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_PURITY_H
#define APL_LUA_PURITY_H

/*
 * What handlers can reach beside the case must be the same for every case and
 * in every replay: no variable outside of them is written, no table from the
 * time of loading is changed.
 */

#include "lua/host.h"

/*
 * Everything is declared: walks from every handler through the variables
 * outside of it to the functions and tables that it can reach. Findings:
 * upvalue-write, upvalue-iterator, lua-build. Tables are frozen in place. raises
 */
void apl_lua_purify(lua_State *L);
/* The same walk from the value at [index] alone: of a module that no handler can reach, and that somebody else will. raises */
void apl_lua_purify_value(lua_State *L, int index);

/* ---- frozen tables: to a playbook they are tables, only that assigning raises frozen-table ---- */

/* Does not raise. */
bool apl_lua_is_frozen(lua_State *L, int index);
/*
 * For functions that read a table in C: puts what the frozen table at [index]
 * holds in its place on the stack; anything else stays. What is put there can be
 * written, so it must not get into a playbook's hands. Does not raise.
 */
void apl_lua_see_through(lua_State *L, int index);
/* For functions that write: raises frozen-table when it is one. */
void apl_lua_check_not_frozen(lua_State *L, int index, const char *function);

/* Moves what the table at [index] holds behind it. raises */
void apl_lua_freeze(lua_State *L, int index);

#endif
