/* SPDX-License-Identifier: MIT */
/*
 * Decides what money is in a playbook: an immutable value of whole minor units
 * and a currency. Sums of different currencies are mistakes, and so is
 * anything that would lose a penny: there is no division.
 */

#include "lua/host.h"

#include <string.h>

#include <lauxlib.h>

static const char METATABLE[] = "money";

const apl_money *apl_lua_to_money(lua_State *L, int index) {
	return lua_type(L, index) == LUA_TUSERDATA ? luaL_testudata(L, index, METATABLE) : NULL;
}

void apl_lua_push_money(lua_State *L, apl_money money) {
	apl_money *value = lua_newuserdatauv(L, sizeof *value, 0);
	*value = money;
	luaL_setmetatable(L, METATABLE);
}

/* Money, or text that reads as money. raises */
static apl_money operand(lua_State *L, int index) {
	const apl_money *money = apl_lua_to_money(L, index);
	if (money != NULL) return *money;
	apl_money read = {0, 0};
	aplomb_error error = {0};
	size_t size;
	if (lua_type(L, index) != LUA_TSTRING)
		apl_lua_refuse(L, "wrong-type", "money goes with money, or text such as \"40.00 GBP\", not with %s", apl_lua_kind_name(L, index));
	const char *text = lua_tolstring(L, index, &size);
	if (apl_money_read(text, size, &read, &error) != APLOMB_OK) apl_lua_refuse(L, error.slug, "%s", error.message);
	return read;
}

static void same_currency(lua_State *L, apl_money a, apl_money b) {
	if (a.currency == b.currency) return;
	char left[32], right[32];
	left[apl_money_write(a, left)] = '\0';
	right[apl_money_write(b, right)] = '\0';
	apl_lua_refuse(L, "mixed-currencies", "%s and %s are of different currencies", left, right);
}

static void operands(lua_State *L, apl_money *a, apl_money *b) {
	*a = operand(L, 1);
	*b = operand(L, 2);
	same_currency(L, *a, *b);
}

static int too_much(lua_State *L) {
	return apl_lua_refuse(L, "out-of-bounds", "that is more money than there is room for");
}

static int money_add(lua_State *L) {
	apl_money a, b;
	operands(L, &a, &b);
	if (__builtin_add_overflow(a.minor, b.minor, &a.minor)) return too_much(L);
	apl_lua_push_money(L, a);
	return 1;
}

static int money_sub(lua_State *L) {
	apl_money a, b;
	operands(L, &a, &b);
	if (__builtin_sub_overflow(a.minor, b.minor, &a.minor)) return too_much(L);
	apl_lua_push_money(L, a);
	return 1;
}

static int money_mul(lua_State *L) {
	int number = apl_lua_to_money(L, 1) != NULL ? 2 : 1;
	if (!lua_isinteger(L, number) || lua_type(L, number) != LUA_TNUMBER)
		return apl_lua_refuse(L, "wrong-type", "money is multiplied by integers, not by %s", apl_lua_kind_name(L, number));
	apl_money money = operand(L, 3 - number);
	int64_t times = lua_tointeger(L, number);
	if (__builtin_mul_overflow(money.minor, times, &money.minor)) return too_much(L);
	apl_lua_push_money(L, money);
	return 1;
}

static int money_unm(lua_State *L) {
	apl_money money = operand(L, 1);
	if (__builtin_sub_overflow(0, money.minor, &money.minor)) return too_much(L);
	apl_lua_push_money(L, money);
	return 1;
}

static int money_eq(lua_State *L) {
	const apl_money *a = apl_lua_to_money(L, 1);
	const apl_money *b = apl_lua_to_money(L, 2);
	lua_pushboolean(L, a != NULL && b != NULL && a->minor == b->minor && a->currency == b->currency);
	return 1;
}

static int money_lt(lua_State *L) {
	apl_money a, b;
	operands(L, &a, &b);
	lua_pushboolean(L, a.minor < b.minor);
	return 1;
}

static int money_le(lua_State *L) {
	apl_money a, b;
	operands(L, &a, &b);
	lua_pushboolean(L, a.minor <= b.minor);
	return 1;
}

/* "costs " .. money */
static int money_concat(lua_State *L) {
	apl_lua_push_as_text(L, 1);
	apl_lua_push_as_text(L, 2);
	lua_concat(L, 2);
	return 1;
}

static int money_index(lua_State *L) {
	apl_money money = operand(L, 1);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	if (strcmp(key, "minor") == 0) {
		lua_pushinteger(L, money.minor);
	} else if (strcmp(key, "currency") == 0) {
		char letters[3];
		for (int i = 0; i < 3; i++) letters[i] = (char)(money.currency >> (8 * i) & 0xff);
		lua_pushlstring(L, letters, sizeof letters);
	} else {
		char hint[128];
		apl_nearest nearest = apl_nearest_to(key, strlen(key));
		apl_nearest_try(&nearest, "minor");
		apl_nearest_try(&nearest, "currency");
		return apl_lua_refuse(
		    L, "unknown-field", "money has .minor and .currency, not .%s%s", key, apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	return 1;
}

static int money_newindex(lua_State *L) {
	return apl_lua_refuse(L, "locked", "money never changes; write a new value to the field that holds it");
}

void apl_lua_open_money(lua_State *L) {
	static const apl_lua_entry entries[] = {{"__add", money_add}, {"__sub", money_sub}, {"__mul", money_mul}, {"__unm", money_unm},
	    {"__eq", money_eq}, {"__lt", money_lt}, {"__le", money_le}, {"__concat", money_concat}, {"__index", money_index},
	    {"__newindex", money_newindex}};
	luaL_newmetatable(L, METATABLE);
	APL_LUA_PUT(L, entries);
	lua_pop(L, 1);
}
