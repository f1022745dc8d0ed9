/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of an expression that fails where SCXML goes on: it
 * counts as nothing, the error is told and raised as any other, and the block
 * does not end. (The cond of an <if>, 5.9.1; a <param>, 5.7.1; a <content>,
 * 5.6.) Limits are not the author's to catch: a breach goes through.
 */

#include <lauxlib.h>

#include "lua/origin.h"
#include "lua/text.h"

/* _try(function) → whether it did not fail, and what it answered */
int apl_lua_attempt(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	luaL_checktype(L, 1, LUA_TFUNCTION);
	if (host->turn == NULL) return apl_lua_refuse(L, "outside-turn", "an expression can be tried only while a case is handled");
	lua_settop(L, 1);
	apl_lua_push_explain(L);
	lua_insert(L, 1);
	lua_pushboolean(L, true);
	lua_insert(L, 1);
	if (lua_pcall(L, 0, 1, 2) == LUA_OK) {
		lua_remove(L, 2);
		return 2;
	}
	/* What has no explanation had no memory, or no stack, to be explained. */
	if (!host->has_error || host->is_breach) return lua_error(L);
	host->has_error = false;
	apl_lua_make_valid(host->error.message);
	apl_origin_error(host, &host->error);
	apl_turn_error(host->turn, &host->error);
	lua_pushboolean(L, false);
	return 1;
}
