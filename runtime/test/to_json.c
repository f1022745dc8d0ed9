/* SPDX-License-Identifier: MIT */
/*
 * Decides how values pass between a test and the runtime: Lua's to JSON and
 * back. Which of them fit is decided by the playbook's declarations.
 */
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

enum { MOST_DEPTH = 64 };

static const char LIST_MARK;

void apl_test_mark_list(lua_State *L) {
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &LIST_MARK) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &LIST_MARK);
	}
	lua_setmetatable(L, -2);
}

bool apl_test_is_list(lua_State *L, int index) {
	if (lua_getmetatable(L, index) == 0) return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &LIST_MARK);
	bool is_it = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return is_it;
}

/* ---- writing ------------------------------------------------------------ */

static void write_text(apl_test_text *out, const char *bytes, size_t size) {
	apl_test_text_put(out, "\"");
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '"' || c == '\\')
			apl_test_text_format(out, "\\%c", c);
		else if (c < 0x20)
			apl_test_text_format(out, "\\u%04x", c);
		else
			apl_test_text_add(out, bytes + i, 1);
	}
	apl_test_text_put(out, "\"");
}

/* The shortest that reads back, always as a number with a fraction. */
static void write_number(lua_State *L, apl_test_text *out, double number) {
	char text[40];
	if (!isfinite(number))
		apl_test_raise(L, "test-value", "%s is nothing that an event can carry", number != number ? "what is no number" : "infinity");
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number) break;
	}
	if (strpbrk(text, ".eE") == NULL) strcat(text, ".0");
	apl_test_text_put(out, text);
}

static void write_any(lua_State *L, apl_test_text *out, int index, int depth);

/* Keys 1 to n and no other: a list. */
static bool is_sequence(lua_State *L, int index, lua_Unsigned *count) {
	*count = lua_rawlen(L, index);
	lua_Unsigned found = 0;
	for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
		if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || (lua_Unsigned)lua_tointeger(L, -2) > *count) {
			lua_pop(L, 2);
			return false;
		}
		found++;
	}
	return found == *count && (*count > 0 || apl_test_is_list(L, index));
}

static void write_table(lua_State *L, apl_test_text *out, int index, int depth) {
	lua_Unsigned count;
	luaL_checkstack(L, 8, "values are nested too deep");
	if (apl_test_is_matcher(L, index)) apl_test_raise(L, "test-value", "a matcher says what is expected; it is nothing that could be sent");
	if (is_sequence(L, index, &count)) {
		apl_test_text_put(out, "[");
		for (lua_Unsigned i = 1; i <= count; i++) {
			if (i > 1) apl_test_text_put(out, ",");
			lua_rawgeti(L, index, (lua_Integer)i);
			write_any(L, out, lua_gettop(L), depth + 1);
			lua_pop(L, 1);
		}
		apl_test_text_put(out, "]");
		return;
	}
	apl_test_text_put(out, "{");
	bool is_first = true;
	for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			apl_test_raise(L, "test-value",
			    "a table to be sent is a list with the keys 1 to n, or a map whose keys are all texts; it has both, or others");
		size_t size;
		const char *key = lua_tolstring(L, -2, &size);
		if (!is_first) apl_test_text_put(out, ",");
		is_first = false;
		write_text(out, key, size);
		apl_test_text_put(out, ":");
		write_any(L, out, lua_gettop(L), depth + 1);
	}
	apl_test_text_put(out, "}");
}

static void write_any(lua_State *L, apl_test_text *out, int index, int depth) {
	size_t size;
	const char *text;
	if (depth > MOST_DEPTH) apl_test_raise(L, "test-value", "a value is nested more than 64 deep");
	switch (lua_type(L, index)) {
	case LUA_TNIL: apl_test_text_put(out, "null"); return;
	case LUA_TBOOLEAN: apl_test_text_put(out, lua_toboolean(L, index) ? "true" : "false"); return;
	case LUA_TNUMBER:
		if (lua_isinteger(L, index))
			apl_test_text_format(out, "%lld", (long long)lua_tointeger(L, index));
		else
			write_number(L, out, lua_tonumber(L, index));
		return;
	case LUA_TSTRING:
		text = lua_tolstring(L, index, &size);
		write_text(out, text, size);
		return;
	case LUA_TTABLE: write_table(L, out, index, depth); return;
	default: apl_test_raise(L, "test-value", "a %s is nothing that an event can carry", luaL_typename(L, index));
	}
}

void apl_test_to_json(lua_State *L, apl_test_text *out, int index) {
	write_any(L, out, lua_absindex(L, index), 0);
	if (out->failed) apl_test_no_memory(L);
}

/* ---- reading ------------------------------------------------------------ */

void apl_test_push_json(lua_State *L, aplomb_value value) {
	size_t size, count;
	const char *text, *key;
	luaL_checkstack(L, 4, "values are nested too deep");
	switch (aplomb_value_kind(value)) {
	case APLOMB_ABSENT:
	case APLOMB_NULL: lua_pushnil(L); return;
	case APLOMB_BOOLEAN: lua_pushboolean(L, aplomb_value_boolean(value)); return;
	case APLOMB_INTEGER: lua_pushinteger(L, aplomb_value_integer(value)); return;
	case APLOMB_NUMBER: lua_pushnumber(L, aplomb_value_number(value)); return;
	case APLOMB_TEXT:
		text = aplomb_value_text(value, &size);
		lua_pushlstring(L, text, size);
		return;
	case APLOMB_LIST:
	case APLOMB_MAP:
		count = aplomb_value_count(value);
		lua_newtable(L);
		for (size_t i = 0; i < count; i++) {
			aplomb_value inner = aplomb_value_at(value, i, &key);
			apl_test_push_json(L, inner);
			if (aplomb_value_kind(value) == APLOMB_MAP)
				lua_setfield(L, -2, key);
			else
				lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	}
}
