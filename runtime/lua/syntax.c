/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a piece of text is Lua, by asking Lua: the piece is compiled
 * where it would stand. A piece that closes more than it opened ("1) + (2")
 * compiles in one surrounding and not in another, so each is tried in two.
 */

#include "lua/syntax.h"

#include <string.h>

#include <lauxlib.h>

#include "base/buf.h"

struct apl_syntax {
	apl_alloc alloc;
	lua_State *L;
	apl_buf chunk;
	char why[256];
};

static void *take(void *self, void *old, size_t old_size, size_t size) {
	const apl_syntax *syntax = self;
	if (old == NULL) old_size = 0; /* of a new object Lua tells the kind */
	if (size == 0) {
		apl_free(&syntax->alloc, old, old_size);
		return NULL;
	}
	return apl_resize(&syntax->alloc, old, old_size, size);
}

apl_syntax *apl_syntax_new(const apl_alloc *alloc) {
	apl_syntax *syntax = apl_new(alloc, sizeof *syntax);
	if (syntax == NULL) return NULL;
	syntax->alloc = *alloc;
	apl_buf_init(&syntax->chunk, alloc);
	syntax->L = lua_newstate(take, syntax);
	if (syntax->L != NULL) return syntax;
	apl_free(alloc, syntax, sizeof *syntax);
	return NULL;
}

void apl_syntax_free(apl_syntax *syntax) {
	if (syntax == NULL) return;
	lua_close(syntax->L);
	apl_buf_dispose(&syntax->chunk);
	const apl_alloc alloc = syntax->alloc;
	apl_free(&alloc, syntax, sizeof *syntax);
}

/* Lua's message without the chunk's name before it. */
static void take_message(apl_syntax *syntax) {
	const char *message = lua_tostring(syntax->L, -1);
	const char *colon = message != NULL ? strstr(message, ": ") : NULL;
	size_t size = colon != NULL ? strlen(colon + 2) : 0;
	if (size >= sizeof syntax->why) size = sizeof syntax->why - 1;
	if (size > 0) memcpy(syntax->why, colon + 2, size);
	syntax->why[size] = '\0';
}

static bool compiles(apl_syntax *syntax, const char *before, const char *text, size_t size, const char *after) {
	apl_buf *chunk = &syntax->chunk;
	apl_buf_clear(chunk);
	apl_buf_text(chunk, before);
	apl_buf_add(chunk, text, size);
	apl_buf_byte(chunk, '\n'); /* a comment at the end takes nothing with it */
	apl_buf_text(chunk, after);
	syntax->why[0] = '\0';
	if (chunk->failed) return false;
	int status = luaL_loadbufferx(syntax->L, chunk->bytes, chunk->size, "=text", "t");
	if (status == LUA_ERRSYNTAX) take_message(syntax);
	lua_settop(syntax->L, 0);
	return status == LUA_OK;
}

const char *apl_syntax_check(apl_syntax *syntax, apl_syntax_form form, const char *text, size_t size) {
	bool is_good = false;
	switch (form) {
	case APL_SYNTAX_EXPRESSION:
		is_good = compiles(syntax, "return ", text, size, "") && compiles(syntax, "return (", text, size, ")");
		break;
	case APL_SYNTAX_LOCATION: is_good = compiles(syntax, "", text, size, "= nil") && compiles(syntax, "return (", text, size, ")"); break;
	case APL_SYNTAX_STATEMENTS:
		is_good = compiles(syntax, "", text, size, "") && compiles(syntax, "local function f() ", text, size, "end");
		break;
	}
	return is_good ? NULL : syntax->why;
}
