/* SPDX-License-Identifier: MIT */
/*
 * Decides the functions that stand for themselves: assert, error, ipairs,
 * next, pairs, select, tonumber, tostring, type. Where Lua's own would show an
 * address or an order that no replay can repeat, these do not.
 */

#include "lua/purity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

/* ---- text of anything ------------------------------------------------------ */

static void push_number_as_text(lua_State *L, int index) {
	lua_Number number = lua_tonumber(L, index);
	if (lua_isinteger(L, index) || isfinite(number))
		luaL_tolstring(L, index, NULL);
	else
		lua_pushstring(L, isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"); /* the C library's own words differ */
}

void apl_lua_push_as_text(lua_State *L, int index) {
	char money[32];
	switch (lua_type(L, index)) {
	case LUA_TNUMBER: push_number_as_text(L, index); return;
	case LUA_TSTRING: lua_pushvalue(L, index); return;
	case LUA_TUSERDATA:
		if (apl_lua_to_money(L, index) == NULL) break;
		lua_pushlstring(L, money, apl_money_write(*apl_lua_to_money(L, index), money));
		return;
	case LUA_TNIL: lua_pushliteral(L, "nil"); return;
	case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); return;
	default: break;
	}
	lua_pushstring(L, luaL_typename(L, index));
}

static int base_tostring(lua_State *L) {
	luaL_checkany(L, 1);
	apl_lua_push_as_text(L, 1);
	return 1;
}

/* ---- numbers ---------------------------------------------------------------- */

static int digit_of(char c) {
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'z') return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
	return 99;
}

static bool is_space(char c) {
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* In a base from 2 to 36, as Lua reads it: wraps around. */
static int number_in_base(lua_State *L, lua_Integer base) {
	size_t size;
	luaL_checktype(L, 1, LUA_TSTRING);
	const char *next = lua_tolstring(L, 1, &size);
	const char *end = next + size;
	luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
	while (next < end && is_space(*next)) next++;
	while (end > next && is_space(end[-1])) end--;
	bool is_negative = next < end && *next == '-';
	if (is_negative) next++;
	uint64_t value = 0;
	bool is_number = next < end;
	for (; next < end; next++) {
		int digit = digit_of(*next);
		if (digit >= base) is_number = false;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	if (!is_number)
		lua_pushnil(L);
	else
		lua_pushinteger(L, (lua_Integer)(is_negative ? 0 - value : value));
	return 1;
}

static int base_tonumber(lua_State *L) {
	if (lua_type(L, 1) == LUA_TSTRING) apl_lua_charge(L, lua_rawlen(L, 1) / 8);
	if (!lua_isnoneornil(L, 2)) return number_in_base(L, luaL_checkinteger(L, 2));
	luaL_checkany(L, 1);
	if (lua_type(L, 1) == LUA_TNUMBER) {
		lua_settop(L, 1);
		return 1;
	}
	size_t size;
	const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
	if (text == NULL || lua_stringtonumber(L, text) != size + 1) lua_pushnil(L);
	return 1;
}

/* ---- errors ------------------------------------------------------------------ */

static void push_message(lua_State *L, int index) {
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
	case LUA_TNUMBER: apl_lua_push_as_text(L, index); return;
	case LUA_TTABLE:
		apl_lua_see_through(L, index);
		lua_pushliteral(L, "message");
		lua_rawget(L, index);
		if (lua_type(L, -1) == LUA_TSTRING) return;
		lua_pop(L, 1);
		lua_pushliteral(L, "an error that is a table without a message");
		return;
	case LUA_TNONE:
	case LUA_TNIL: lua_pushliteral(L, "an error without a message"); return;
	default: lua_pushfstring(L, "an error that is %s", apl_lua_kind_name(L, index)); return;
	}
}

static int raise_at(lua_State *L, int level) {
	apl_lua *host = apl_lua_of(L);
	apl_place place = level > 0 ? apl_lua_place(L, level) : APL_NOWHERE;
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, host->plain_slug, place, "%s", lua_tostring(L, -1));
	host->has_error = true;
	return lua_error(L);
}

static int base_error(lua_State *L) {
	lua_Integer level = luaL_optinteger(L, 2, 1);
	push_message(L, 1);
	return raise_at(L, level >= 0 && level < 200 ? (int)level : 1);
}

static int base_assert(lua_State *L) {
	luaL_checkany(L, 1);
	if (lua_toboolean(L, 1)) return lua_gettop(L);
	if (lua_gettop(L) < 2) lua_pushliteral(L, "assertion failed");
	push_message(L, 2);
	return raise_at(L, 1);
}

/* ---- going through tables ------------------------------------------------------ */

/* upvalues: the table, its keys in order, the place of the last one. */
static int next_pair(lua_State *L) {
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
	for (;;) {
		at++;
		if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL) return 1;
		lua_pushvalue(L, -1);
		/* What was taken away meanwhile is not shown. */
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) break;
		lua_pop(L, 2);
	}
	lua_pushinteger(L, at);
	lua_replace(L, lua_upvalueindex(3));
	return 2;
}

static int base_pairs(lua_State *L) {
	luaL_checkany(L, 1);
	if (lua_type(L, 1) == LUA_TLIGHTUSERDATA) return apl_lua_proxy_pairs(L);
	apl_lua_see_through(L, 1);
	if (!apl_lua_is_plain_table(L, 1))
		return apl_lua_refuse(L, "wrong-type", "pairs: a table was expected, found %s", apl_lua_kind_name(L, 1));
	lua_pushvalue(L, 1);
	apl_lua_push_keys(L, 1);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_pair, 3);
	return 1;
}

static int next_item(lua_State *L) {
	lua_Integer at = lua_tointeger(L, 2) + 1;
	apl_lua_see_through(L, 1);
	lua_pushinteger(L, at);
	return lua_rawgeti(L, 1, at) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L) {
	luaL_checkany(L, 1);
	if (!apl_lua_is_plain_table(L, 1) && !apl_lua_is_frozen(L, 1))
		return apl_lua_refuse(L, "wrong-type", "ipairs: a list was expected, found %s", apl_lua_kind_name(L, 1));
	lua_pushcfunction(L, next_item);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, 0);
	return 3;
}

/* Only whether there is anything: which one comes first would depend on addresses. */
static int base_next(lua_State *L) {
	luaL_checkany(L, 1);
	apl_lua_see_through(L, 1);
	if (!apl_lua_is_plain_table(L, 1))
		return apl_lua_refuse(L, "wrong-type", "next: a table was expected, found %s", apl_lua_kind_name(L, 1));
	if (!lua_isnoneornil(L, 2)) return apl_lua_refuse(L, "no-order", "next only tells whether a table is empty; go through it with pairs");
	apl_lua_charge(L, apl_lua_cost_of_next(apl_lua_of(L)));
	lua_pushnil(L);
	if (lua_next(L, 1) == 0)
		lua_pushnil(L);
	else
		lua_pushboolean(L, true);
	return 1;
}

/* ---- the rest -------------------------------------------------------------------- */

static int base_type(lua_State *L) {
	luaL_checkany(L, 1);
	lua_pushstring(L, luaL_typename(L, 1));
	return 1;
}

static int base_select(lua_State *L) {
	int count = lua_gettop(L);
	if (lua_type(L, 1) == LUA_TSTRING && strcmp(lua_tostring(L, 1), "#") == 0) {
		lua_pushinteger(L, count - 1);
		return 1;
	}
	lua_Integer at = luaL_checkinteger(L, 1);
	if (at < 0)
		at = count + at;
	else if (at > count)
		at = count;
	luaL_argcheck(L, at >= 1, 1, "index out of range");
	return count - (int)at;
}

void apl_lua_open_base(lua_State *L) {
	static const apl_lua_entry entries[] = {{"assert", base_assert}, {"error", base_error}, {"ipairs", base_ipairs}, {"next", base_next},
	    {"pairs", base_pairs}, {"select", base_select}, {"tonumber", base_tonumber}, {"tostring", base_tostring}, {"type", base_type}};
	APL_LUA_PUT(L, entries);
}
