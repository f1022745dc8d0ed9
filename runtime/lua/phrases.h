/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_PHRASES_H
#define APL_LUA_PHRASES_H

/* Phrases while a case is handled, and the word that names one. */

#include "lua/reference.h"

/* The word `phrase` at [part]: is there such a phrase, and has it the arguments it needs? Findings. raises */
void apl_lua_check_phrase(lua_State *L, int part, apl_lua_reference *r);
/* Pushes what the word's phrase says now. raises */
void apl_lua_push_phrase(lua_State *L, int part, const apl_lua_reference *r);
/* case:phrase: pushes what the phrase of the id at [id] says, with the arguments in the table at [arguments] (0: none). raises */
void apl_lua_say_phrase(lua_State *L, int id, int arguments);
/* case:phrases: pushes a list of the ids of the phrases that have what the table at [filter] (0: all) asks, in the order of their bytes.
 * raises */
void apl_lua_push_phrases(lua_State *L, int filter);

#endif
