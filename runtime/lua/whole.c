/* SPDX-License-Identifier: MIT */
/*
 * Decides whether somebody who types Lua line by line has come to the end of
 * what is to be read at once. Lua itself says so: what is cut short fails at
 * "<eof>". A Lua of its own is asked, which runs nothing.
 */

#include "lua/whole.h"

#include <string.h>

#include <lua.h>

#include "lua/pool.h"

typedef struct pieces {
	const char *first; /* NULL: there is none, or it was given */
	const char *text;
	size_t size;
} pieces;

static const char *give(lua_State *L, void *payload, size_t *size) {
	pieces *p = payload;
	(void)L;
	if (p->first != NULL) {
		const char *first = p->first;
		p->first = NULL;
		*size = strlen(first);
		return first;
	}
	const char *text = p->text;
	p->text = NULL;
	*size = text != NULL ? p->size : 0;
	return text;
}

/* LUA_OK, or why not; [*is_cut_short]: it ended too early. */
static int load(lua_State *L, const char *first, const char *text, size_t size, bool *is_cut_short) {
	static const char end[] = "<eof>";
	pieces p = {first, text, size};
	int status = lua_load(L, give, &p, "=?", "t");
	size_t length = 0;
	const char *message = status == LUA_ERRSYNTAX ? lua_tolstring(L, -1, &length) : "";
	*is_cut_short = length >= sizeof end - 1 && memcmp(message + length - (sizeof end - 1), end, sizeof end - 1) == 0;
	lua_pop(L, 1);
	return status;
}

bool apl_lua_is_whole(const apl_alloc *alloc, const char *text, size_t size) {
	bool is_cut_expression = false, is_cut_statement = false, is_either = true;
	apl_pool pool;
	apl_pool_init(&pool, alloc, (size_t)64 * 1024 * 1024);
	lua_State *L = lua_newstate(apl_pool_alloc, &pool);
	if (L != NULL) {
		/* lua_load is protected by itself, and a new stack has room for what it leaves. */
		is_either = load(L, "return ", text, size, &is_cut_expression) == LUA_OK || load(L, NULL, text, size, &is_cut_statement) == LUA_OK;
		lua_close(L);
	}
	apl_pool_dispose(&pool);
	return is_either || !(is_cut_expression || is_cut_statement);
}
