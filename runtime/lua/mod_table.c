/* SPDX-License-Identifier: MIT */
/*
 * Decides the table library: concat, insert, move, pack, remove, sort, unpack.
 * Our own, because Lua's sort asks the clock for its pivots, and because each
 * of these is charged for what it moves. They take tables that a playbook
 * made, not the case and not its data's proxies.
 */

#include "lua/purity.h"

#include <limits.h>
#include <string.h>

#include <lauxlib.h>

/* A table to be read: a frozen one is seen through. */
static void check_table(lua_State *L, int index, const char *function) {
	apl_lua_see_through(L, index);
	if (apl_lua_is_plain_table(L, index)) return;
	apl_lua_refuse(L, "wrong-type", "table.%s: a table was expected, found %s", function, apl_lua_kind_name(L, index));
}

/* A table to be written. */
static void check_writable(lua_State *L, int index, const char *function) {
	apl_lua_check_not_frozen(L, index, function);
	check_table(L, index, function);
}

static lua_Integer length_of(lua_State *L, int index) {
	return (lua_Integer)lua_rawlen(L, index);
}

/* Moving [count] items, or as much work as that. */
static void charge_items(lua_State *L, lua_Integer count) {
	apl_lua_charge(L, count > 0 ? (uint64_t)count : 0);
}

static int table_insert(lua_State *L) {
	check_writable(L, 1, "insert");
	lua_Integer after = length_of(L, 1) + 1;
	switch (lua_gettop(L)) {
	case 2: break;
	case 3: {
		lua_Integer at = luaL_checkinteger(L, 2);
		luaL_argcheck(L, at >= 1 && at <= after, 2, "position out of bounds");
		charge_items(L, after - at);
		for (lua_Integer i = after; i > at; i--) {
			lua_rawgeti(L, 1, i - 1);
			lua_rawseti(L, 1, i);
		}
		after = at;
		break;
	}
	default: return apl_lua_refuse(L, "wrong-type", "table.insert takes a table, perhaps a position, and a value");
	}
	lua_rawseti(L, 1, after);
	return 0;
}

static int table_remove(lua_State *L) {
	check_writable(L, 1, "remove");
	lua_Integer size = length_of(L, 1);
	lua_Integer at = luaL_optinteger(L, 2, size);
	if (lua_gettop(L) > 1 && !(size + 1 == at || (size == 0 && at == 0)))
		luaL_argcheck(L, at >= 1 && at <= size, 2, "position out of bounds");
	charge_items(L, size - at);
	lua_rawgeti(L, 1, at);
	for (; at < size; at++) {
		lua_rawgeti(L, 1, at + 1);
		lua_rawseti(L, 1, at);
	}
	lua_pushnil(L);
	lua_rawseti(L, 1, at);
	return 1;
}

static int table_concat(lua_State *L) {
	check_table(L, 1, "concat");
	size_t between_size;
	const char *between = luaL_optlstring(L, 2, "", &between_size);
	lua_Integer first = luaL_optinteger(L, 3, 1);
	lua_Integer last = luaL_optinteger(L, 4, length_of(L, 1));
	if (first <= last) charge_items(L, last - first < LLONG_MAX - 1 && last - first >= 0 ? last - first : LLONG_MAX);
	luaL_Buffer result;
	luaL_buffinit(L, &result);
	for (lua_Integer i = first; i <= last; i++) {
		lua_rawgeti(L, 1, i);
		if (!lua_isstring(L, -1))
			return apl_lua_refuse(
			    L, "wrong-type", "table.concat: item %lld is %s, not text or a number", (long long)i, apl_lua_kind_name(L, -1));
		luaL_addvalue(&result);
		if (i == last) break; /* also when that is the largest integer */
		luaL_addlstring(&result, between, between_size);
	}
	luaL_pushresult(&result);
	apl_lua_charge(L, 0);
	return 1;
}

static int table_pack(lua_State *L) {
	int count = lua_gettop(L);
	lua_createtable(L, count, 1);
	lua_insert(L, 1);
	for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
	lua_pushinteger(L, count);
	lua_setfield(L, 1, "n");
	return 1;
}

static int table_unpack(lua_State *L) {
	check_table(L, 1, "unpack");
	lua_Integer first = luaL_optinteger(L, 2, 1);
	lua_Integer last = luaL_optinteger(L, 3, length_of(L, 1));
	if (first > last) return 0;
	lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
	if (count >= APL_LUA_MOST_RESULTS || !lua_checkstack(L, (int)(count + 1)))
		return apl_lua_refuse(L, "out-of-bounds", "table.unpack: more than the %d items that a call may give", APL_LUA_MOST_RESULTS);
	charge_items(L, (lua_Integer)count);
	for (lua_Integer i = first; i < last; i++) lua_rawgeti(L, 1, i);
	lua_rawgeti(L, 1, last);
	return (int)(count + 1);
}

static int table_move(lua_State *L) {
	lua_Integer first = luaL_checkinteger(L, 2);
	lua_Integer last = luaL_checkinteger(L, 3);
	lua_Integer to = luaL_checkinteger(L, 4);
	int target = lua_isnoneornil(L, 5) ? 1 : 5;
	check_writable(L, target, "move");
	check_table(L, 1, "move");
	if (last >= first) {
		lua_Integer count;
		if (__builtin_sub_overflow(last, first, &count) || count == LLONG_MAX || to > LLONG_MAX - count)
			return apl_lua_refuse(L, "out-of-bounds", "table.move: too many items");
		charge_items(L, count);
		bool backwards = to > first && to <= last && target == 1;
		for (lua_Integer i = 0; i <= count; i++) {
			lua_Integer at = backwards ? count - i : i;
			lua_rawgeti(L, 1, first + at);
			lua_rawseti(L, target, to + at);
		}
	}
	lua_pushvalue(L, target);
	return 1;
}

/* ---- sort: merging, so that equal items keep their order --------------------- */

enum { SORT_TABLE = 1, SORT_LESS = 2, SORT_OTHER = 3 };

/* The same of two texts, by their bytes, as `<` has it in the "C" locale. raises when there is too much to compare */
static bool is_text_less(lua_State *L) {
	size_t a_size, b_size;
	const char *a = lua_tolstring(L, -1, &a_size), *b = lua_tolstring(L, -2, &b_size);
	size_t both = a_size < b_size ? a_size : b_size;
	if (both > 256) apl_lua_charge(L, both / 256);
	int order = memcmp(a, b, both);
	return order != 0 ? order < 0 : a_size < b_size;
}

/* Does the item at the top come before the one below it? Pops nothing. raises */
static bool top_is_less(lua_State *L) {
	if (lua_isnil(L, SORT_LESS)) {
		if (lua_type(L, -1) == LUA_TNIL || lua_type(L, -2) == LUA_TNIL)
			apl_lua_refuse(L, "wrong-type", "table.sort: the list has a hole in it");
		if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) return is_text_less(L);
		return lua_compare(L, -1, -2, LUA_OPLT) != 0;
	}
	lua_pushvalue(L, SORT_LESS);
	lua_pushvalue(L, -2);
	lua_pushvalue(L, -4);
	lua_call(L, 2, 1);
	bool is_less = lua_toboolean(L, -1) != 0;
	lua_pop(L, 1);
	return is_less;
}

/* Merge [low, middle) and [middle, high) of the table at [from] into the one at [to]. */
static void merge(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
	lua_Integer left = low, right = middle;
	for (lua_Integer at = low; at < high; at++) {
		bool take_right = left >= middle;
		if (!take_right && right < high) {
			lua_rawgeti(L, from, left);
			lua_rawgeti(L, from, right);
			take_right = top_is_less(L);
			lua_pop(L, 2);
		}
		lua_rawgeti(L, from, take_right ? right : left);
		lua_rawseti(L, to, at);
		if (take_right)
			right++;
		else
			left++;
	}
}

static int table_sort(lua_State *L) {
	check_writable(L, SORT_TABLE, "sort");
	if (!lua_isnoneornil(L, SORT_LESS)) luaL_checktype(L, SORT_LESS, LUA_TFUNCTION);
	lua_settop(L, SORT_LESS);
	lua_Integer size = length_of(L, SORT_TABLE);
	luaL_argcheck(L, size < INT_MAX / 2, 1, "list too long");
	apl_lua_create_list(L, size);
	int from = SORT_TABLE, to = SORT_OTHER;
	for (lua_Integer width = 1; width < size; width *= 2) {
		charge_items(L, size * 4);
		for (lua_Integer low = 1; low <= size; low += 2 * width) {
			lua_Integer middle = low + width <= size ? low + width : size + 1;
			lua_Integer high = low + 2 * width <= size ? low + 2 * width : size + 1;
			merge(L, from, to, low, middle, high);
		}
		int swapped = from;
		from = to;
		to = swapped;
	}
	for (lua_Integer i = 1; from != SORT_TABLE && i <= size; i++) {
		lua_rawgeti(L, from, i);
		lua_rawseti(L, SORT_TABLE, i);
	}
	return 0;
}

void apl_lua_open_table(lua_State *L) {
	static const apl_lua_entry entries[] = {{"concat", table_concat}, {"insert", table_insert}, {"move", table_move}, {"pack", table_pack},
	    {"remove", table_remove}, {"sort", table_sort}, {"unpack", table_unpack}};
	lua_createtable(L, 0, 7);
	APL_LUA_PUT(L, entries);
}
