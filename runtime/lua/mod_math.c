/* SPDX-License-Identifier: MIT */
/*
 * Decides which of Lua's mathematics a playbook has: what gives the same bits
 * on every machine. No roots, no sines. Random numbers come from the case's
 * seed, so a replay draws the same ones.
 */

#include "lua/host.h"

#include <lauxlib.h>
#include <lualib.h>

/* Uniform in 0 .. bound, by drawing again what would favour the small ones. */
static uint64_t draw(apl_turn *turn, uint64_t bound) {
	if ((bound & (bound + 1)) == 0) return apl_turn_random(turn) & bound;
	uint64_t mask = UINT64_MAX >> __builtin_clzll(bound);
	for (;;) {
		uint64_t drawn = apl_turn_random(turn) & mask;
		if (drawn <= bound) return drawn;
	}
}

static int math_random(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	if (host->turn == NULL)
		return apl_lua_refuse(L, "outside-turn", "math.random draws from a case's seed; there is no case while the playbook is loaded");
	if (host->phase != APL_LUA_BLOCK) return apl_lua_refuse_touch(L, "math.random uses up a number of the case, which is to be drawn");
	lua_Integer low = 1, high;
	switch (lua_gettop(L)) {
	case 0: lua_pushnumber(L, (double)(apl_turn_random(host->turn) >> 11) * 0x1p-53); return 1;
	case 1: high = luaL_checkinteger(L, 1); break;
	case 2:
		low = luaL_checkinteger(L, 1);
		high = luaL_checkinteger(L, 2);
		break;
	default: return apl_lua_refuse(L, "wrong-type", "math.random takes at most two integers");
	}
	if (low > high)
		return apl_lua_refuse(L, "out-of-bounds", "math.random: nothing lies between %lld and %lld", (long long)low, (long long)high);
	lua_pushinteger(L, (lua_Integer)((uint64_t)low + draw(host->turn, (uint64_t)high - (uint64_t)low)));
	return 1;
}

void apl_lua_open_math(lua_State *L) {
	static const char *const kept[] = {
	    "abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger", "pi", "tointeger", "type", "ult"};
	lua_pushcfunction(L, luaopen_math);
	lua_call(L, 0, 1);
	lua_createtable(L, 0, 16);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		lua_getfield(L, -2, kept[i]);
		lua_setfield(L, -2, kept[i]);
	}
	lua_pushcfunction(L, math_random);
	lua_setfield(L, -2, "random");
	lua_remove(L, -2);
}
