/* SPDX-License-Identifier: MIT */
/*
 * Decides what a module gets of a condition that its user wrote as text: a
 * function that it can ask in its own handlers, as it can ask one that was
 * written in Lua. What a text means, and when it is checked, is text.c's.
 */

#include "lua/define.h"

#include "lua/apart.h"
#include "lua/text.h"

/* (whatever) → true, false, or nil: it is not known. upvalue: its place in host->functions. */
static int ask_condition(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_lua_function *function = &host->functions[lua_tointeger(L, lua_upvalueindex(1))];
	if (host->turn == NULL) return apl_lua_refuse(L, "outside-turn", "a condition can be asked only while a case is handled");
	lua_settop(L, 0);
	apl_lua_charge(L, function->cost);
	if (host->n_touched > 0) { /* what this handler did to tables, the text is to see */
		lua_pushcfunction(L, apl_lua_write_back);
		lua_call(L, 0, 0);
	}
	apl_guard_trouble trouble = {0};
	apl_guard_answer answer = apl_guard_ask(function->text, apl_lua_situation(host, function), &trouble);
	apl_lua_charge(L, trouble.work / APL_LUA_BYTES_PER_INSTRUCTION);
	if (__builtin_expect(host->apart != NULL, 0)) apl_lua_looked_at_condition(L, function);
	switch (answer) {
	case APL_GUARD_TRUE:
	case APL_GUARD_FALSE: lua_pushboolean(L, answer == APL_GUARD_TRUE); return 1;
	case APL_GUARD_UNKNOWN: lua_pushnil(L); return 1;
	case APL_GUARD_ERROR: break;
	}
	apl_guard_explain(function->text, &trouble, &host->error);
	return apl_lua_raise_placed(L);
}

void apl_lua_push_condition(lua_State *L, int index, const char *label, const char *field, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_text_place place = apl_lua_place_of_text(L, spot, field, 0);
	const apl_lua_text_owner owner = {APL_GUARD_TRUTH, label, field, NULL};
	index = lua_absindex(L, index);
	apl_lua_add_text(L, index, &owner, &place);
	lua_pushinteger(L, (lua_Integer)host->n_functions - 1);
	lua_pushcclosure(L, ask_condition, 1);
}

uint32_t apl_lua_condition_at(lua_State *L, int index) {
	if (lua_tocfunction(L, index) != ask_condition || lua_getupvalue(L, index, 1) == NULL) return UINT32_MAX;
	uint32_t number = (uint32_t)lua_tointeger(L, -1);
	lua_pop(L, 1);
	return apl_lua_of(L)->functions[number].text != NULL ? number : UINT32_MAX;
}

bool apl_lua_push_condition_text(lua_State *L, int index) {
	if (lua_tocfunction(L, index) != ask_condition || lua_getupvalue(L, index, 1) == NULL) return false;
	const apl_guard *guard = apl_lua_of(L)->functions[lua_tointeger(L, -1)].text;
	lua_pop(L, 1);
	if (guard == NULL) return false; /* it is none, as was told */
	size_t size;
	const char *text = apl_guard_source(guard, &size);
	lua_pushlstring(L, text, size);
	return true;
}
