/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_VALUES_H
#define APL_LUA_VALUES_H

/*
 * Files of Lua that hold values only: policy.lua, phrases.lua. They are run
 * with nothing to name, and what they return is told by its places.
 */

#include "lua/files.h"
#include "lua/host.h"
#include "lua/where.h"

/* Where a value stands in such a file: what is known of it. */
typedef struct apl_value_at {
	apl_spot table;      /* its constructor, if it is one */
	apl_text_place text; /* itself, if it is a text */
	apl_place place;     /* of its key */
} apl_value_at;

/*
 * Runs the file and leaves the table that it returned on the stack, in which
 * there are texts, numbers, booleans and plain tables, and nothing else.
 * Findings otherwise, and the load is stopped. raises
 */
void apl_lua_read_values(lua_State *L, uint32_t file, apl_value_at *spot);
/* The value under that key. */
apl_value_at apl_value_key(lua_State *L, const apl_value_at *in, const char *key);
/* The n-th in the row, from 1. */
apl_value_at apl_value_item(lua_State *L, const apl_value_at *in, uint64_t item);
/* Somewhere, and nothing more is known. */
apl_value_at apl_value_somewhere(uint32_t file, apl_place place);
/* The byte [at] of the text that stands there, as near as can be told. */
apl_place apl_value_text(lua_State *L, const apl_value_at *of, uint32_t at);

/* A finding there. Does not raise. */
void apl_lua_found_at(lua_State *L, aplomb_severity severity, const apl_value_at *spot, const char *slug, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Refuses what is no text as a key of the table at [table], which is called [what]; true when every key is one. raises */
bool apl_lua_has_names_only(lua_State *L, int table, const apl_value_at *spot, const char *what);

#endif
