/* SPDX-License-Identifier: MIT */
/* Decides how the utf8 library is bounded: each call is charged for the text it walks over. */

#include "lua/host.h"

#include <lauxlib.h>
#include <lualib.h>

/* upvalue: the library's own function. */
static int charged(lua_State *L) {
	size_t size = 0;
	if (lua_type(L, 1) == LUA_TSTRING) lua_tolstring(L, 1, &size);
	apl_lua_charge(L, size / 8);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

void apl_lua_open_utf8(lua_State *L) {
	static const char *const walking[] = {"codepoint", "len", "offset"};
	static const char *const kept[] = {"char", "charpattern", "codes"};
	lua_pushcfunction(L, luaopen_utf8);
	lua_call(L, 0, 1);
	lua_createtable(L, 0, 6);
	for (size_t i = 0; i < sizeof walking / sizeof *walking; i++) {
		lua_getfield(L, -2, walking[i]);
		lua_pushcclosure(L, charged, 1);
		lua_setfield(L, -2, walking[i]);
	}
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		lua_getfield(L, -2, kept[i]);
		lua_setfield(L, -2, kept[i]);
	}
	lua_remove(L, -2);
}
