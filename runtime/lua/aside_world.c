/* SPDX-License-Identifier: MIT */
/*
 * Decides what an aside can name: `case`, `event`, `data`, `params` and `now`;
 * the questions of texts (has, is_in, count, time_in, len, contains); `money`
 * for an amount; what the playbook's sandbox holds; and the playbook's modules,
 * by the last part of their names or by require. Nothing of it can be written,
 * and a module that could be changed through its functions is not offered.
 * Of a chart that came from SCXML an aside sees what the chart's own code sees.
 */

#include "lua/aside.h"

#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/modules.h"
#include "lua/purity.h"
#include "lua/reference.h"
#include "lua/words.h"

/* Where it stands in the table of APL_REGISTRY_ASIDES, beside the functions of asides, which have numbers. */
static const char world_key = 0;

/* ---- questions ---------------------------------------------------------------------- */

/* upvalues: case, the method's name. */
static int ask_case(lua_State *L) {
	int count = lua_gettop(L);
	luaL_checkstack(L, count + 4, NULL);
	lua_getfield(L, lua_upvalueindex(1), lua_tostring(L, lua_upvalueindex(2)));
	lua_insert(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 2);
	lua_call(L, count + 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int has(lua_State *L) {
	luaL_checkany(L, 1);
	lua_pushboolean(L, !lua_isnil(L, 1));
	return 1;
}

/* Characters of a text, items of a list. */
static int len(lua_State *L) {
	size_t size;
	luaL_checkany(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING) {
		const char *text = lua_tolstring(L, 1, &size);
		lua_Integer count = 0;
		for (size_t i = 0; i < size; i++) count += ((unsigned char)text[i] & 0xC0u) != 0x80u;
		apl_lua_charge(L, size / APL_LUA_BYTES_PER_INSTRUCTION);
		lua_pushinteger(L, count);
		return 1;
	}
	if (lua_type(L, 1) != LUA_TTABLE) {
		if (lua_isnil(L, 1)) return 1; /* of what is missing it is missing */
		return apl_lua_refuse(L, "wrong-type", "len: a text or a list was expected, found %s", apl_lua_kind_name(L, 1));
	}
	lua_pushinteger(L, luaL_len(L, 1));
	return 1;
}

static int contains(lua_State *L) {
	luaL_checkany(L, 2);
	lua_settop(L, 2);
	if (lua_type(L, 1) == LUA_TSTRING && lua_type(L, 2) == LUA_TSTRING) {
		size_t size, part_size;
		const char *text = lua_tolstring(L, 1, &size), *part = lua_tolstring(L, 2, &part_size);
		apl_lua_charge(L, size / APL_LUA_BYTES_PER_INSTRUCTION);
		lua_pushboolean(L, part_size == 0 || memmem(text, size, part, part_size) != NULL);
		return 1;
	}
	if (lua_isnil(L, 1)) {
		lua_pushnil(L);
		return 1;
	}
	if (lua_type(L, 1) != LUA_TTABLE)
		return apl_lua_refuse(L, "wrong-type", "contains: a list or a text was expected, found %s", apl_lua_kind_name(L, 1));
	apl_lua_see_through(L, 1);
	lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
	apl_lua_charge(L, (uint64_t)count);
	bool is_in = false;
	for (lua_Integer i = 1; i <= count && !is_in; i++) {
		lua_rawgeti(L, 1, i);
		is_in = lua_compare(L, -1, 2, LUA_OPEQ) != 0;
		lua_pop(L, 1);
	}
	lua_pushboolean(L, is_in);
	return 1;
}

/* money "40.00 GBP": an amount, where the playbook's word would make a type, which nobody needs any more. */
static int amount(lua_State *L) {
	apl_money money;
	aplomb_error error = {0};
	size_t size;
	if (lua_type(L, 1) != LUA_TSTRING)
		return apl_lua_refuse(L, "wrong-type", "money takes an amount as text, money \"40.00 GBP\", found %s", apl_lua_kind_name(L, 1));
	const char *text = lua_tolstring(L, 1, &size);
	if (apl_money_read(text, size, &money, &error) != APLOMB_OK) return apl_lua_refuse(L, error.slug, "%s", error.message);
	apl_lua_push_money(L, money);
	return 1;
}

/* ---- modules -------------------------------------------------------------------------- */

/* May it be offered? Its tables are frozen, and no function of it writes outside of itself. The module is at the top. */
static bool is_pure(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	uint32_t before = host->findings->errors;
	apl_lua_purify_value(L, -1);
	return host->findings->errors == before && !host->findings->out_of_memory;
}

/*
 * Modules by their whole names into the table at [by_name], and by the last part of their names into [by_last]; false stands for one
 * that is not offered, and for a last part that two have.
 */
static void add_modules(lua_State *L, int by_name, int by_last) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_MODULES);
	int modules = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, modules) != 0) {
		int module = lua_gettop(L);
		if (lua_type(L, module - 1) == LUA_TSTRING) {
			const char *name = lua_tostring(L, module - 1), *dot = strrchr(name, '.');
			const char *last = dot != NULL ? dot + 1 : name;
			if (!is_pure(L)) {
				lua_pushboolean(L, false);
				lua_replace(L, module);
			}
			lua_pushvalue(L, module);
			lua_setfield(L, by_name, name);
			if (lua_getfield(L, by_last, last) == LUA_TNIL)
				lua_pushvalue(L, module);
			else
				lua_pushboolean(L, false);
			lua_setfield(L, by_last, last);
		}
		lua_settop(L, module - 1);
	}
	lua_settop(L, modules - 1);
}

/* upvalue: modules by their whole names. */
static int require_again(lua_State *L) {
	if (lua_type(L, 1) != LUA_TSTRING) return apl_lua_refuse(L, "word-call", "require is written require \"name\"");
	lua_settop(L, 1);
	lua_pushvalue(L, 1);
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TTABLE) return 1;
	const char *name = lua_tostring(L, 1);
	if (lua_type(L, -1) == LUA_TBOOLEAN)
		return apl_lua_refuse(L, "module-impure",
		    "module \"%.80s\" cannot be used here: a function of it keeps something in a variable outside of itself, and asking would "
		    "change it",
		    name);
	return apl_lua_refuse(
	    L, "outside-load", "the playbook does not require \"%.80s\"; here only the modules are to be had that were loaded with it", name);
}

/* ---- the world ---------------------------------------------------------------------------- */

enum { UP_HIDDEN = 1, UP_SANDBOX = APL_WORLD_SANDBOX, UP_LAST = APL_WORLD_MODULES };

/* The names of the table at [index] that are texts. */
static void try_names(lua_State *L, int index, apl_nearest *nearest) {
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		bool is_offered = lua_type(L, -1) != LUA_TBOOLEAN;
		lua_pop(L, 1);
		if (is_offered && lua_type(L, -1) == LUA_TSTRING) apl_nearest_try(nearest, lua_tostring(L, -1));
	}
}

static int unknown_name(lua_State *L, const char *name, size_t size) {
	char hint[128];
	apl_nearest nearest = apl_nearest_to(name, size);
	apl_nearest_try(&nearest, "event");
	apl_nearest_try(&nearest, "now");
	for (int i = UP_HIDDEN; i <= UP_LAST; i++) {
		lua_pushvalue(L, lua_upvalueindex(i));
		try_names(L, lua_gettop(L), &nearest);
	}
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(UP_LAST)) == LUA_TBOOLEAN)
		return apl_lua_refuse(
		    L, "unknown-name", "\"%.80s\" is not to be had by this name; write require with the whole name of the module", name);
	const apl_schema *data = apl_lua_of(L)->program.data;
	if (apl_schema_member(data, 0, name, size) != APL_NO_FIELD)
		return apl_lua_refuse(L, "unknown-name", "\"%.80s\" is a field of the case: data.%.80s", name, name);
	return apl_lua_refuse(L, "unknown-name", "\"%.80s\" is no name here%s", name, apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* (world, name) */
static int index_world(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	size_t size;
	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(UP_HIDDEN)) != LUA_TNIL) return 1;
	if (lua_type(L, 2) != LUA_TSTRING) return apl_lua_refuse(L, "unknown-name", "%s is no name", apl_lua_kind_name(L, 2));
	const char *name = lua_tolstring(L, 2, &size);
	if (strcmp(name, "event") == 0) {
		if (host->phase == APL_LUA_BLOCK)
			return apl_lua_refuse(L, "statement-event", "a statement is a step of its own, without an event; write what it is to have");
		lua_pushlightuserdata(L, host->event);
		return 1;
	}
	if (strcmp(name, "now") == 0) {
		lua_pushinteger(L, host->turn->now);
		return 1;
	}
	lua_pushvalue(L, 2);
	int found = lua_rawget(L, lua_upvalueindex(UP_SANDBOX));
	if (found == LUA_TTABLE) return 1; /* a library */
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(UP_LAST)) == LUA_TTABLE) return 1;
	lua_pop(L, 1);
	return found != LUA_TNIL ? 1 : unknown_name(L, name, size);
}

static int newindex_world(lua_State *L) {
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_lua_refuse(
	    L, "global-assignment", "\"%.80s\" would be a global variable, and there is none here; write \"local %.80s = …\"", name, name);
}

static void add_questions(lua_State *L, int hidden, int the_case) {
	static const char *const of_case[] = {"is_in", "time_in", "count", "clock"};
	static const apl_lua_entry entries[] = {{"contains", contains}, {"has", has}, {"len", len}, {"money", amount}};
	const apl_lua *host = apl_lua_of(L);
	for (size_t i = 0; i < sizeof of_case / sizeof *of_case; i++) {
		lua_pushvalue(L, the_case);
		lua_pushstring(L, of_case[i]);
		lua_pushcclosure(L, ask_case, 2);
		lua_setfield(L, hidden, of_case[i]);
	}
	APL_LUA_PUT(L, entries);
	lua_pushvalue(L, the_case);
	lua_setfield(L, hidden, "case");
	lua_pushlightuserdata(L, apl_lua_proxy(0, host->data_node));
	lua_setfield(L, hidden, "data");
	lua_pushlightuserdata(L, apl_lua_proxy(0, host->params_node));
	lua_setfield(L, hidden, "params");
}

/* The sandbox as it is behind its lock. */
static void push_sandbox(lua_State *L) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	lua_getmetatable(L, -1);
	lua_pushliteral(L, "__index");
	lua_rawget(L, -2);
	lua_insert(L, -3);
	lua_pop(L, 2);
}

void apl_lua_push_world(lua_State *L, int case_index) {
	case_index = lua_absindex(L, case_index);
	luaL_checkstack(L, 16, NULL);
	if (apl_lua_of(L)->is_imported) { /* a chart of SCXML's has variables that nobody declared: mod_variables.c */
		lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
		return;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_ASIDES);
	int asides = lua_gettop(L);
	if (lua_rawgetp(L, asides, &world_key) == LUA_TTABLE) {
		lua_remove(L, asides);
		return;
	}
	lua_settop(L, asides);
	lua_createtable(L, 0, 0); /* world */
	lua_createtable(L, 0, 2); /* its meta */
	lua_createtable(L, 0, 16);
	int hidden = lua_gettop(L);
	add_questions(L, hidden, case_index);
	push_sandbox(L);
	lua_createtable(L, 0, 4);
	int by_last = lua_gettop(L);
	lua_createtable(L, 0, 4);
	add_modules(L, by_last + 1, by_last);
	lua_pushcclosure(L, require_again, 1);
	lua_setfield(L, hidden, "require");
	lua_pushcclosure(L, index_world, 3);
	lua_setfield(L, hidden - 1, "__index");
	lua_pushcfunction(L, newindex_world);
	lua_setfield(L, hidden - 1, "__newindex");
	lua_setmetatable(L, hidden - 2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, asides, &world_key);
	lua_remove(L, asides);
}

void apl_lua_push_world_part(lua_State *L, int case_index, apl_world_part part) {
	apl_lua_push_world(L, case_index);
	lua_getmetatable(L, -1);
	lua_getfield(L, -1, "__index");
	lua_getupvalue(L, -1, (int)part);
	lua_insert(L, -4);
	lua_pop(L, 3);
}
