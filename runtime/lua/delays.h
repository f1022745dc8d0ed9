/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_DELAYS_H
#define APL_LUA_DELAYS_H

/* Spans and instants that words are given: of delays and of counters' windows. */

#include "lua/words.h"

/* What `after`, `every` or `at` was called with, at the top: a text, a function, or from. delay->kind is known. false with a finding.
 * raises */
bool apl_lua_read_delay(lua_State *L, const char *label, apl_place place, apl_build_delay_options *delay);
/* A clock's target, likewise. */
bool apl_lua_read_target(lua_State *L, const char *label, apl_place place, apl_build_delay_options *target);
/*
 * The field `calendar` of the table: which calendar counts business time there. [*calendar]: its number plus 1; [*handler]: the one that
 * says so, plus 1; both 0: there is no such field, or a finding tells. raises
 */
void apl_lua_read_scope(
    lua_State *L, int table, const apl_word *word, const char *label, const apl_spot *spot, uint32_t *calendar, uint32_t *handler);
/* The number of the calendar of that name; APL_NONE with a finding. Does not raise. */
uint32_t apl_lua_find_calendar(lua_State *L, const char *name, const char *label, apl_place place);
/* The defaults of this schema: business time among them needs a calendar. Findings. raises */
void apl_lua_check_default_spans(lua_State *L, const apl_schema *schema, const char *what);
/* What may say when a clock warns, but for what is written there: a function, or from; at the top. APL_NO_HANDLER with a finding. raises */
int32_t apl_lua_add_threshold(lua_State *L, apl_place place);
/* "a span", "an instant", "a span or a fraction": what has to stand there. */
const char *apl_lua_needed_time(apl_type wanted, bool may_be_fraction);
/* A counter's window at the top: a text, from params, or a function. Findings. raises */
void apl_lua_read_window(lua_State *L, const char *label, apl_place place, apl_counter *counter);

#endif
