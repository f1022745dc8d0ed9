/* SPDX-License-Identifier: MIT */
/* Decides how values look in messages: as one would write them in a test. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

enum { MOST_SHOWN = 400, MOST_DEPTH = 8 };

static void show_text(apl_test_text *out, const char *bytes, size_t size) {
	apl_test_text_put(out, "\"");
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '\n')
			apl_test_text_put(out, "\\n");
		else if (c == '"' || c == '\\')
			apl_test_text_format(out, "\\%c", c);
		else
			apl_test_text_add(out, bytes + i, 1);
	}
	apl_test_text_put(out, "\"");
}

/* What is longer than anybody reads is cut, between characters. */
static void cut_from(apl_test_text *out, size_t from) {
	if (out->failed || out->size - from <= MOST_SHOWN) return;
	size_t at = from + MOST_SHOWN;
	while (at > from && ((unsigned char)out->bytes[at] & 0xC0) == 0x80) at--;
	apl_test_text_cut(out, at);
	apl_test_text_put(out, "…");
}

static bool is_name(const char *text) {
	if (text[0] >= '0' && text[0] <= '9') return false;
	return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(text);
}

static void show_key(apl_test_text *out, const char *key) {
	if (is_name(key)) {
		apl_test_text_put(out, key);
	} else {
		apl_test_text_put(out, "[");
		show_text(out, key, strlen(key));
		apl_test_text_put(out, "]");
	}
	apl_test_text_put(out, " = ");
}

static void show_value(apl_test_text *out, aplomb_value value, int depth) {
	size_t size, count = aplomb_value_count(value);
	char *written;
	switch (aplomb_value_kind(value)) {
	case APLOMB_ABSENT: apl_test_text_put(out, "nothing"); return;
	case APLOMB_TEXT: {
		const char *text = aplomb_value_text(value, &size);
		show_text(out, text, size);
		return;
	}
	case APLOMB_LIST:
	case APLOMB_MAP:
		if (depth == MOST_DEPTH) {
			apl_test_text_put(out, "{…}");
			return;
		}
		apl_test_text_put(out, count > 0 ? "{ " : "{}");
		for (size_t i = 0; i < count; i++) {
			const char *key = NULL;
			aplomb_value inner = aplomb_value_at(value, i, &key);
			if (i > 0) apl_test_text_put(out, ", ");
			if (aplomb_value_kind(value) == APLOMB_MAP && key != NULL) show_key(out, key);
			show_value(out, inner, depth + 1);
		}
		if (count > 0) apl_test_text_put(out, " }");
		return;
	case APLOMB_NULL:
	case APLOMB_BOOLEAN:
	case APLOMB_INTEGER:
	case APLOMB_NUMBER:
		written = aplomb_value_write(value);
		apl_test_text_put(out, written != NULL ? written : "?");
		free(written);
		return;
	}
}

void apl_test_show_json(apl_test_text *out, aplomb_value value) {
	size_t from = out->size;
	show_value(out, value, 0);
	cut_from(out, from);
}

/* ---- Lua's -------------------------------------------------------------- */

static void show_any(lua_State *L, apl_test_text *out, int index, int depth);

static void show_table(lua_State *L, apl_test_text *out, int index, int depth) {
	luaL_checkstack(L, 8, "values are nested too deep");
	lua_Integer next = 1;
	bool is_first = true;
	for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) {
		apl_test_text_put(out, is_first ? "{ " : ", ");
		is_first = false;
		if (lua_isinteger(L, -2) && lua_tointeger(L, -2) == next) {
			next++;
		} else if (lua_type(L, -2) == LUA_TSTRING) {
			show_key(out, lua_tostring(L, -2));
		} else {
			apl_test_text_put(out, "[");
			show_any(L, out, lua_gettop(L) - 1, depth + 1);
			apl_test_text_put(out, "] = ");
		}
		show_any(L, out, lua_gettop(L), depth + 1);
	}
	apl_test_text_put(out, is_first ? "{}" : " }");
}

static void show_any(lua_State *L, apl_test_text *out, int index, int depth) {
	size_t size;
	const char *text;
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
		text = lua_tolstring(L, index, &size);
		show_text(out, text, size);
		return;
	case LUA_TTABLE:
		if (depth == MOST_DEPTH) {
			apl_test_text_put(out, "{…}");
			return;
		}
		if (apl_test_is_matcher(L, index)) {
			lua_getfield(L, index, "shown");
			if (lua_type(L, -1) == LUA_TSTRING) apl_test_text_put(out, lua_tostring(L, -1));
			lua_pop(L, 1);
			if (lua_getfield(L, index, "value") != LUA_TNIL) {
				apl_test_text_put(out, " ");
				show_any(L, out, lua_gettop(L), depth + 1);
			}
			lua_pop(L, 1);
			return;
		}
		show_table(L, out, index, depth);
		return;
	case LUA_TFUNCTION: apl_test_text_put(out, "what a function of the test accepts"); return;
	default:
		text = luaL_tolstring(L, index, NULL);
		apl_test_text_put(out, text);
		lua_pop(L, 1);
	}
}

void apl_test_show_lua(lua_State *L, apl_test_text *out, int index) {
	size_t from = out->size;
	show_any(L, out, lua_absindex(L, index), 0);
	cut_from(out, from);
}
