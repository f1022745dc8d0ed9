/* SPDX-License-Identifier: MIT */
/*
 * Decides what a playbook's file can name: the words, and an allow-list of
 * Lua's library. What is not listed is not there. All of it is read-only, so
 * that no case can leave a message for another.
 *
 * A table that a playbook sees is empty, and reads through its metatable to
 * the real one. So there is nothing to overwrite: every assignment comes to
 * __newindex, which refuses.
 */

#include "lua/define.h"
#include "lua/modules.h"
#include "lua/where.h"

#include <string.h>

#include <lauxlib.h>

void apl_lua_put(lua_State *L, const apl_lua_entry *entries, size_t count) {
	for (size_t i = 0; i < count; i++) {
		lua_pushstring(L, entries[i].name);
		lua_pushcfunction(L, entries[i].function);
		lua_rawset(L, -3);
	}
}

/* ---- locked tables ------------------------------------------------------- */

static void try_keys(lua_State *L, int table, apl_nearest *nearest) {
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING) apl_nearest_try(nearest, lua_tostring(L, -1));
	}
}

/* upvalues: the table's name, the real table. Called with (real table, key). */
static int unknown_member(lua_State *L) {
	const char *name = lua_tostring(L, lua_upvalueindex(1));
	size_t size;
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &size) : NULL;
	if (key == NULL) return apl_lua_refuse(L, "unknown-name", "%s has names only, and %s is none", name, apl_lua_kind_name(L, 2));
	char hint[128];
	apl_nearest nearest = apl_nearest_to(key, size);
	try_keys(L, 1, &nearest);
	apl_nearest_hint(&nearest, hint, sizeof hint);
	apl_place place = apl_lua_place_of_mention(L, key, size);
	if (name[0] == '\0')
		return apl_lua_refuse_at(L, place, "unknown-name", "\"%s\" is no word, no library and no local variable here%s", key, hint);
	if (strncmp(name, APL_LUA_MODULE, sizeof APL_LUA_MODULE - 1) == 0)
		return apl_lua_refuse_at(L, place, "unknown-name", "%s has no member \"%s\"%s", name, key, hint);
	return apl_lua_refuse_at(L, place, "unknown-name", "%s.%s is not there in a playbook%s", name, key, hint);
}

static int locked(lua_State *L) {
	const char *name = lua_tostring(L, lua_upvalueindex(1));
	if (name[0] != '\0') return apl_lua_refuse(L, "locked", "%s cannot be changed", name);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_lua_refuse_at(L, apl_lua_place_of_mention(L, key, strlen(key)), "global-assignment",
	    "\"%s\" would be a global variable, and a playbook has none; write \"local %s = …\"", key, key);
}

static void set_function(lua_State *L, int table, const char *event, lua_CFunction function, const char *name) {
	lua_pushstring(L, name);
	lua_pushcclosure(L, function, 1);
	lua_setfield(L, table, event);
}

void apl_lua_lock(lua_State *L, const char *name) {
	int real = lua_gettop(L);
	lua_createtable(L, 0, 1); /* real meta */
	set_function(L, real + 1, "__index", unknown_member, name);
	lua_setmetatable(L, real);
	lua_createtable(L, 0, 0); /* real front */
	lua_createtable(L, 0, 2); /* real front meta */
	lua_pushvalue(L, real);
	lua_setfield(L, -2, "__index");
	set_function(L, lua_gettop(L), "__newindex", locked, name);
	lua_setmetatable(L, -2);
	lua_replace(L, real);
}

/* ---- text ----------------------------------------------------------------- */

/* "waiting" { … }: a word was forgotten. */
static int called_text(lua_State *L) {
	const char *text = lua_tostring(L, 1);
	return apl_lua_refuse(
	    L, "word-missing", "\"%.80s\" stands before a table, but no word before it; was state \"%.80s\" { … } meant?", text, text);
}

/* Every text reads through to the string library; s:upper() works, and sums of texts do not. */
static void open_text(lua_State *L, int library) {
	lua_pushliteral(L, "");
	lua_createtable(L, 0, 3);
	lua_pushvalue(L, library);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, called_text);
	lua_setfield(L, -2, "__call");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

/* ---- all of it -------------------------------------------------------------- */

static void add_library(lua_State *L, int globals, const char *name, void (*open)(lua_State *)) {
	open(L);
	if (name[0] == 's') open_text(L, lua_gettop(L));
	apl_lua_lock(L, name);
	lua_setfield(L, globals, name);
}

void apl_lua_sandbox(lua_State *L) {
	lua_createtable(L, 0, 64);
	int globals = lua_gettop(L);
	apl_lua_open_base(L);
	apl_lua_open_modules(L);
	apl_lua_open_words(L);
	apl_lua_open_define(L);
	add_library(L, globals, "math", apl_lua_open_math);
	add_library(L, globals, "string", apl_lua_open_string);
	add_library(L, globals, "table", apl_lua_open_table);
	add_library(L, globals, "utf8", apl_lua_open_utf8);
	apl_lua_open_money(L);
	apl_lua_lock(L, "");
	lua_rawseti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
}
