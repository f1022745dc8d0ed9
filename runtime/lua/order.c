/* SPDX-License-Identifier: MIT */
/*
 * Decides the order of a table's keys: integers upwards, other numbers
 * upwards, texts by their bytes, false before true. Lua's own order depends on
 * addresses and on what a table was before, so a replay could not repeat it.
 */

#include "lua/host.h"

#include <stdlib.h>
#include <string.h>

typedef enum key_kind { KEY_INTEGER, KEY_NUMBER, KEY_TEXT, KEY_BOOLEAN } key_kind;

typedef struct key {
	key_kind kind;
	size_t size;
	union {
		lua_Integer integer;
		lua_Number number;
		const char *text;
	} as;
} key;

static int compare(const void *left, const void *right) {
	const key *a = left;
	const key *b = right;
	if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
	if (a->kind == KEY_NUMBER) return a->as.number < b->as.number ? -1 : 1;
	if (a->kind != KEY_TEXT) return a->as.integer < b->as.integer ? -1 : 1;
	int order = memcmp(a->as.text, b->as.text, a->size < b->size ? a->size : b->size);
	if (order != 0) return order;
	return a->size < b->size ? -1 : 1;
}

static key key_at(lua_State *L, int index) {
	key k = {KEY_INTEGER, 0, {0}};
	switch (lua_type(L, index)) {
	case LUA_TNUMBER:
		if (lua_isinteger(L, index)) {
			k.as.integer = lua_tointeger(L, index);
		} else {
			k.kind = KEY_NUMBER;
			k.as.number = lua_tonumber(L, index);
		}
		break;
	case LUA_TSTRING:
		k.kind = KEY_TEXT;
		k.as.text = lua_tolstring(L, index, &k.size);
		break;
	case LUA_TBOOLEAN:
		k.kind = KEY_BOOLEAN;
		k.as.integer = lua_toboolean(L, index);
		break;
	default: apl_lua_refuse(L, "no-order", "the table has %s as a key, and such keys have no order", apl_lua_kind_name(L, index));
	}
	return k;
}

static void push_key(lua_State *L, const key *k) {
	switch (k->kind) {
	case KEY_INTEGER: lua_pushinteger(L, k->as.integer); break;
	case KEY_NUMBER: lua_pushnumber(L, k->as.number); break;
	case KEY_TEXT: lua_pushlstring(L, k->as.text, k->size); break;
	case KEY_BOOLEAN: lua_pushboolean(L, k->as.integer != 0); break;
	}
}

static lua_Integer count_keys(lua_State *L, int table, bool *is_list) {
	lua_Integer count = 0;
	*is_list = true;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		count++;
		if (*is_list && !(lua_isinteger(L, -1) && lua_tointeger(L, -1) == count)) *is_list = false;
	}
	return count;
}

void apl_lua_push_keys(lua_State *L, int table) {
	table = lua_absindex(L, table);
	bool is_list;
	lua_Integer count = count_keys(L, table, &is_list);
	uint64_t work = (uint64_t)count + apl_lua_cost_of_next(apl_lua_of(L));
	/* Each key is looked for once more to go on from it, and they may all lie in one row. */
	if (!is_list) work += (uint64_t)count * ((uint64_t)count >> 10);
	for (uint64_t rest = work; rest > 1 && !is_list; rest >>= 1) work += (uint64_t)count;
	apl_lua_charge(L, work);
	if (count > INT32_MAX) apl_lua_breach(L, "limit-memory", "a table has more keys than can be put in order");
	apl_lua_create_list(L, count);
	int keys = lua_gettop(L);
	if (is_list) {
		for (lua_Integer i = 1; i <= count; i++) {
			lua_pushinteger(L, i);
			lua_rawseti(L, keys, i);
		}
		return;
	}
	/* Lua owns the scratch, so a jump does not lose it; the texts are alive as keys of the table. */
	key *scratch = lua_newuserdatauv(L, (size_t)count * sizeof(key), 0);
	lua_Integer at = 0;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		scratch[at++] = key_at(L, -1);
	}
	qsort(scratch, (size_t)count, sizeof *scratch, compare);
	for (at = 0; at < count; at++) {
		push_key(L, &scratch[at]);
		lua_rawseti(L, keys, at + 1);
	}
	lua_settop(L, keys);
}
