/* SPDX-License-Identifier: MIT */
/*
 * Decides how the string library is bounded. The functions are Lua's own; in
 * front of each stands a check of how much work the call could be, which is
 * charged like instructions, for the hook does not count inside of C. What
 * searches is our own, and stands in mod_search.c.
 */

#include "lua/mod_string.h"

#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#define MOST_FORMAT ((size_t)64 * 1024)
/* What one conversion costs, and one of a number that may have hundreds of digits. */
#define CONVERSION 8
#define NUMBER_WITH_DIGITS 160

/* The function in the first upvalue, with the arguments that stand on the stack. */
static int pass_on(lua_State *L) {
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	apl_lua_charge(L, 0);
	return lua_gettop(L);
}

static size_t length_of(lua_State *L, int index) {
	size_t size = 0;
	if (lua_type(L, index) == LUA_TSTRING) lua_tolstring(L, index, &size);
	return size;
}

void apl_lua_check_span_of_text(lua_State *L, const char *function) {
	lua_Integer size = (lua_Integer)length_of(L, 1);
	lua_Integer first = luaL_optinteger(L, 2, 1);
	if (first < 0) first = first < -size ? 1 : size + first + 1;
	lua_Integer last = luaL_optinteger(L, 3, first);
	if (last < 0) last = last < -size ? 0 : size + last + 1;
	if (last > size) last = size;
	if (last - (first > 0 ? first : 1) >= APL_LUA_MOST_RESULTS)
		apl_lua_refuse(L, "out-of-bounds", "%s: more than the %d numbers that a call may give", function, APL_LUA_MOST_RESULTS);
}

/* lower, reverse, upper: as much work as the text is long. len and sub make no more than they give. */
static int string_linear(lua_State *L) {
	apl_lua_charge(L, length_of(L, 1) / APL_LUA_BYTES_PER_INSTRUCTION);
	return pass_on(L);
}

/* Gives as many numbers as are asked for. */
static int string_byte(lua_State *L) {
	if (length_of(L, 1) > APL_LUA_MOST_RESULTS) apl_lua_check_span_of_text(L, "string.byte");
	int count = pass_on(L);
	apl_lua_charge(L, (uint64_t)count / 4);
	return count;
}

static int string_char(lua_State *L) {
	for (int i = lua_gettop(L); i > 0; i--) {
		if (lua_tointeger(L, i) == 0) apl_lua_of(L)->has_zeros = true;
	}
	return pass_on(L);
}

static int string_rep(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	luaL_checklstring(L, 1, NULL);
	lua_Integer times = luaL_checkinteger(L, 2);
	size_t piece = length_of(L, 1) + length_of(L, 3);
	if (times <= 0 || piece == 0) { /* Lua's own would count to [times], and copy nothing each time */
		lua_pushliteral(L, "");
		return 1;
	}
	if ((uint64_t)times > host->data_limit / piece)
		return apl_lua_refuse(L, "out-of-bounds", "string.rep: the text would have more than %zu bytes", host->data_limit);
	apl_lua_charge(L, (uint64_t)times / 4);
	return pass_on(L);
}

/* The conversions of one format, checked; what has no stable text is replaced by what has. */
static int string_format(lua_State *L) {
	size_t size;
	const char *format = luaL_checklstring(L, 1, &size);
	if (size > MOST_FORMAT) return apl_lua_refuse(L, "out-of-bounds", "string.format: the format has more than %zu bytes", MOST_FORMAT);
	apl_lua_charge(L, size);
	int argument = 1;
	for (size_t i = 0; i < size; i++) {
		if (format[i] != '%') continue;
		if (++i < size && format[i] == '%') continue;
		while (i < size && format[i] != '\0' && strchr("-+ #0123456789.", format[i]) != NULL) i++;
		argument++;
		char conversion = i < size ? format[i] : '\0';
		if (conversion == 'p')
			return apl_lua_refuse(L, "no-address", "string.format: %%p would show an address, which no replay can repeat");
		if (conversion == 'c' && lua_tointeger(L, argument) == 0) apl_lua_of(L)->has_zeros = true;
		apl_lua_charge(L, conversion != '\0' && strchr("aAeEfgG", conversion) != NULL ? NUMBER_WITH_DIGITS : CONVERSION);
		if (conversion != 's' || argument > lua_gettop(L)) continue;
		apl_lua_push_as_text(L, argument);
		lua_replace(L, argument);
	}
	return pass_on(L);
}

void apl_lua_open_string(lua_State *L) {
	static const apl_lua_entry wrapped[] = {{"byte", string_byte}, {"char", string_char}, {"format", string_format},
	    {"lower", string_linear}, {"rep", string_rep}, {"reverse", string_linear}, {"upper", string_linear}};
	static const char *const kept[] = {"len", "sub"};
	lua_pushcfunction(L, luaopen_string);
	lua_call(L, 0, 1);
	lua_createtable(L, 0, 16);
	for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
		lua_getfield(L, -2, wrapped[i].name);
		lua_pushcclosure(L, wrapped[i].function, 1);
		lua_setfield(L, -2, wrapped[i].name);
	}
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		lua_getfield(L, -2, kept[i]);
		lua_setfield(L, -2, kept[i]);
	}
	lua_remove(L, -2);
	apl_lua_put_searches(L);
}
