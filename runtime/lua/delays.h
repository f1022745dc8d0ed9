/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_DELAYS_H
#define APL_LUA_DELAYS_H

/* Spans and instants that words are given: of delays and of counters' windows. */

#include "lua/words.h"

/* What `after`, `every` or `at` was called with, at the top: a text, a function, or from. delay->kind is known. false with a finding.
 * raises */
bool apl_lua_read_delay(lua_State *L, const char *label, apl_place place, apl_build_delay_options *delay);
/* A counter's window at the top: a text, or from params. Findings. raises */
void apl_lua_read_window(lua_State *L, const char *label, apl_place place, apl_counter *counter);

#endif
