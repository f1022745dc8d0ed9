/* SPDX-License-Identifier: MIT */
/*
 * Decides what a file of values may do, which is nothing: it names nothing, it
 * calls nothing, and a function in it is refused. What the values mean is
 * decided by those who asked for the file.
 */

#include "lua/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/modules.h"

enum { MOST_DEPTH = 16 };

/* ---- places ------------------------------------------------------------------------ */

apl_value_at apl_value_key(lua_State *L, const apl_value_at *in, const char *key) {
	return (apl_value_at){
	    apl_lua_spot_of_key(L, &in->table, key), apl_lua_place_of_text(L, &in->table, key, 0), apl_lua_place_of_key(L, &in->table, key)};
}

apl_value_at apl_value_item(lua_State *L, const apl_value_at *in, uint64_t item) {
	return (apl_value_at){apl_lua_spot_of_item(L, &in->table, item), apl_lua_place_of_text(L, &in->table, NULL, item),
	    apl_lua_place_of_item(L, &in->table, item)};
}

apl_value_at apl_value_somewhere(uint32_t file, apl_place place) {
	return (apl_value_at){{file, APL_NO_SITE, place}, {file, 0, false, place}, place};
}

apl_place apl_value_text(lua_State *L, const apl_value_at *of, uint32_t at) {
	return apl_lua_place_in_text(L, &of->text, at);
}

/* The constructor that the file returns: the last one that stands in no other. raises */
static uint32_t returned_table(lua_State *L, const apl_places *places) {
	bool *is_inner = apl_arena_take(&apl_lua_of(L)->arena, places->n_tables + 1);
	if (is_inner == NULL) apl_lua_raise_memory(L);
	memset(is_inner, 0, places->n_tables + 1);
	for (uint32_t i = 0; i < places->n_entries; i++) {
		if (places->entries[i].value_kind == APL_VALUE_TABLE) is_inner[places->entries[i].ref] = true;
	}
	uint32_t found = APL_NO_SITE;
	for (uint32_t i = 0; i < places->n_tables; i++) {
		if (is_inner[i] || places->tables[i].is_arguments) continue;
		if (found == APL_NO_SITE || places->tables[i].at > places->tables[found].at) found = i;
	}
	return found;
}

/* ---- findings ------------------------------------------------------------------------ */

void apl_lua_found_at(lua_State *L, aplomb_severity severity, const apl_value_at *spot, const char *slug, const char *format, ...) {
	va_list args;
	va_start(args, format);
	apl_vfound(apl_lua_of(L)->findings, severity, slug, spot->place, format, args);
	va_end(args);
}

bool apl_lua_has_names_only(lua_State *L, int table, const apl_value_at *spot, const char *what) {
	bool all = true;
	table = lua_absindex(L, table);
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) != LUA_TSTRING && all) {
			apl_lua_push_as_text(L, lua_gettop(L));
			apl_value_at item = apl_value_item(L, spot, (uint64_t)i);
			apl_lua_found_at(
			    L, APLOMB_ERROR, &item, "values-only", "%s: everything in here has a name; [%s] is none", what, lua_tostring(L, -1));
			lua_pop(L, 1);
			all = false;
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	return all;
}

/* ---- running ---------------------------------------------------------------------------- */

static int nothing_to_name(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_lua_refuse(L, "values-only", "\"%.60s\" means nothing here: %s holds values only, no words and no functions", name,
	    host->files[lua_tointeger(L, lua_upvalueindex(1))].name);
}

/* Runs the chunk at the top with nothing to name; texts have no methods either. → what it returned */
static void run_without_names(lua_State *L, uint32_t file) {
	static const char *const events[] = {"__index", "__newindex"};
	lua_createtable(L, 0, 0);
	lua_createtable(L, 0, 2);
	for (size_t i = 0; i < 2; i++) {
		lua_pushinteger(L, (lua_Integer)file);
		lua_pushcclosure(L, nothing_to_name, 1);
		lua_setfield(L, -2, events[i]);
	}
	lua_setmetatable(L, -2);
	lua_setupvalue(L, -2, 1); /* _ENV */
	/* Every text's metatable is the same one; it is gone while the file runs. */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_insert(L, -3); /* methods chunk "" */
	lua_pushnil(L);
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
	lua_call(L, 0, 1); /* methods value */
	lua_pushliteral(L, "");
	lua_pushvalue(L, -3);
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
	lua_remove(L, -2);
}

/* Is the value at the top one? What is none is told, with its place. */
static bool are_values(lua_State *L, const apl_value_at *spot, const char *path, unsigned depth) {
	char inner[256];
	int top = lua_gettop(L), type = lua_type(L, top);
	if (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN) return true;
	if (!apl_lua_is_plain_table(L, top)) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "values-only", "%s is %s; this file holds values only", path, apl_lua_kind_name(L, top));
		return false;
	}
	if (depth > MOST_DEPTH) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "limit-depth", "%s: values are nested more than %d deep here", path, MOST_DEPTH);
		return false;
	}
	luaL_checkstack(L, 12, NULL);
	bool all = true;
	apl_lua_push_keys(L, top);
	for (lua_Integer i = 1; lua_rawgeti(L, top + 1, i) != LUA_TNIL; i++) {
		apl_value_at at = *spot;
		if (lua_type(L, -1) == LUA_TSTRING) {
			at = apl_value_key(L, spot, lua_tostring(L, -1));
			/* A path is for people; a very long one loses its ends. */
			snprintf(inner, sizeof inner, "%.180s%s%.70s", path, path[0] != '\0' ? "." : "", lua_tostring(L, -1));
		} else {
			at = apl_value_item(L, spot, (uint64_t)i);
			snprintf(inner, sizeof inner, "%.220s[%lld]", path, (long long)i);
		}
		lua_rawget(L, top);
		all = are_values(L, &at, inner, depth + 1) && all;
		lua_settop(L, top + 1);
	}
	lua_settop(L, top);
	return all;
}

void apl_lua_read_values(lua_State *L, uint32_t file, apl_value_at *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_lua_compile(L, file);
	*spot = apl_value_somewhere(file, apl_lua_place_in(host, file, 1));
	spot->table.table = returned_table(L, host->files[file].places);
	run_without_names(L, file);
	if (lua_type(L, -1) != LUA_TTABLE) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "values-only", "%s returns a table of values: return { … }; it returned %s",
		    host->files[file].name, apl_lua_kind_name(L, -1));
		apl_lua_stop(L);
	}
	if (!are_values(L, spot, "", 0)) apl_lua_stop(L);
}
