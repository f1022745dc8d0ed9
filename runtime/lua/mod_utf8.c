/* SPDX-License-Identifier: MIT */
/*
 * Decides how the utf8 library is bounded: each call is charged for the text
 * it walks over. The iterator of codes is our own, for Lua's walks over any
 * number of continuation bytes each time it is asked.
 */

#include "lua/mod_string.h"

#include <lauxlib.h>
#include <lualib.h>

/* upvalue: the library's own function. */
static int pass_on(lua_State *L) {
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

/* len, offset */
static int charged(lua_State *L) {
	size_t size = 0;
	if (lua_type(L, 1) == LUA_TSTRING) lua_tolstring(L, 1, &size);
	apl_lua_charge(L, size / 8);
	return pass_on(L);
}

static int utf8_codepoint(lua_State *L) {
	if (lua_type(L, 1) == LUA_TSTRING) apl_lua_check_span_of_text(L, "utf8.codepoint");
	return charged(L);
}

static int utf8_char(lua_State *L) {
	for (int i = lua_gettop(L); i > 0; i--) {
		if (lua_tointeger(L, i) == 0) apl_lua_of(L)->has_zeros = true;
	}
	return pass_on(L);
}

/* upvalue: Lua's iterator. Called with (text, place). */
static int next_code(lua_State *L) {
	size_t size;
	const char *text = luaL_checklstring(L, 1, &size);
	lua_Unsigned at = (lua_Unsigned)luaL_checkinteger(L, 2);
	size_t skipped = 0;
	while (at < size && at + skipped < size && ((unsigned char)text[at + skipped] & 0xc0) == 0x80) skipped++;
	if (skipped > 8) apl_lua_charge(L, skipped / 4);
	lua_settop(L, 2);
	return pass_on(L);
}

/* upvalue: Lua's codes, which gives its iterator, the text and 0. */
static int utf8_codes(lua_State *L) {
	pass_on(L);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, next_code, 1);
	lua_replace(L, 1);
	return lua_gettop(L);
}

void apl_lua_open_utf8(lua_State *L) {
	static const apl_lua_entry wrapped[] = {
	    {"char", utf8_char}, {"codepoint", utf8_codepoint}, {"codes", utf8_codes}, {"len", charged}, {"offset", charged}};
	lua_pushcfunction(L, luaopen_utf8);
	lua_call(L, 0, 1);
	lua_createtable(L, 0, 6);
	for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
		lua_getfield(L, -2, wrapped[i].name);
		lua_pushcclosure(L, wrapped[i].function, 1);
		lua_setfield(L, -2, wrapped[i].name);
	}
	lua_getfield(L, -2, "charpattern");
	lua_setfield(L, -2, "charpattern");
	lua_remove(L, -2);
}
