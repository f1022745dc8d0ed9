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

/* byte, len, lower, reverse, sub, upper: as much work as the text is long. */
static int string_linear(lua_State *L) {
	apl_lua_charge(L, length_of(L, 1) / APL_LUA_BYTES_PER_INSTRUCTION);
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
		if (conversion != 's' || argument > lua_gettop(L)) continue;
		apl_lua_push_as_text(L, argument);
		lua_replace(L, argument);
	}
	return pass_on(L);
}

void apl_lua_open_string(lua_State *L) {
	static const apl_lua_entry wrapped[] = {{"byte", string_linear}, {"format", string_format}, {"len", string_linear},
	    {"lower", string_linear}, {"rep", string_rep}, {"reverse", string_linear}, {"sub", string_linear}, {"upper", string_linear}};
	lua_pushcfunction(L, luaopen_string);
	lua_call(L, 0, 1);
	lua_createtable(L, 0, 16);
	for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
		lua_getfield(L, -2, wrapped[i].name);
		lua_pushcclosure(L, wrapped[i].function, 1);
		lua_setfield(L, -2, wrapped[i].name);
	}
	lua_getfield(L, -2, "char");
	lua_setfield(L, -2, "char");
	lua_remove(L, -2);
	apl_lua_put_searches(L);
}
