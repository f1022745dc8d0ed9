/* SPDX-License-Identifier: MIT */
/*
 * Decides what the fields of a word's table become, whichever word it is:
 * functions and texts become handlers, names are joined with the place of each.
 */
#include "lua/declare_inside.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/files.h"
#include "lua/quick.h"

/* ---- handlers ----------------------------------------------------------------------- */

/* The upvalue through which the function at [index] of an imported chart reaches variables; APL_NO_UPVALUE. */
static uint32_t upvalue_of_globals(lua_State *L, int index) {
	uint32_t found = APL_NO_UPVALUE;
	if (!apl_lua_of(L)->is_imported) return found;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	for (int i = 1; found == APL_NO_UPVALUE && lua_getupvalue(L, index, i) != NULL; i++) {
		if (lua_rawequal(L, -1, -2)) found = (uint32_t)i - 1;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return found;
}

/* The function at [index]: kept once, however often it is used. */
void apl_lua_declare_function(lua_State *L, int index) {
	apl_lua *host = apl_lua_of(L);
	lua_Debug about;
	apl_bytecode code;
	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &about);
	lua_pushvalue(L, index);
	bool is_known = apl_lua_examine(L, &code) && host->bytecode_is_known;
	lua_pop(L, 1);
	apl_lua_must(L, APL_GROW(&host->alloc, host->functions, host->n_functions, host->functions_capacity));
	apl_lua_function *function = &host->functions[host->n_functions];
	function->text = NULL;
	function->is_counted = !is_known || !code.is_bounded;
	function->cost = function->is_counted ? APL_LUA_CHUNK : code.n_instructions;
	function->quick = is_known ? apl_quick_translate(host, &code, upvalue_of_globals(L, index)) : NULL;
	function->place =
	    apl_lua_place_in(host, apl_lua_file_of_chunk(host, about.source), about.linedefined > 0 ? (uint32_t)about.linedefined : 0);

	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_FUNCTIONS); /* functions, and function → number */
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	if (lua_isnil(L, -1)) {
		lua_Integer number = (lua_Integer)lua_rawlen(L, -2) + 1;
		lua_pushvalue(L, index);
		lua_rawseti(L, -3, number);
		lua_pushvalue(L, index);
		lua_pushinteger(L, number);
		lua_rawset(L, -4);
		function->reference = (uint32_t)number;
	} else {
		function->reference = (uint32_t)lua_tointeger(L, -1);
	}
	lua_pop(L, 2);
	host->n_functions++;
}

static void add_text(lua_State *L, int index, const apl_lua_carrier *by, const apl_spot *spot, const char *key, uint64_t item) {
	const apl_text_place place = apl_lua_place_of_text(L, spot, key, item);
	apl_lua_add_text(L, index, &by->owner, &place);
}

/* A text or a function, or a list of them, at [index]: one block. [role]: the field or word that it stands behind. */
int32_t apl_lua_declare_handler(lua_State *L, int index, const char *role, const apl_lua_carrier *by) {
	apl_lua *host = apl_lua_of(L);
	index = lua_absindex(L, index);
	uint32_t first = host->n_functions;
	if (lua_type(L, index) == LUA_TFUNCTION) {
		apl_lua_declare_function(L, index);
	} else if (lua_type(L, index) == LUA_TSTRING) {
		add_text(L, index, by, by->spot, by->key, 0);
	} else {
		lua_Integer count = (lua_Integer)lua_rawlen(L, index);
		const apl_spot items = by->key != NULL ? apl_lua_spot_of_key(L, by->spot, by->key) : *by->spot;
		for (lua_Integer i = 1; i <= count; i++) {
			if (lua_rawgeti(L, index, i) == LUA_TSTRING)
				add_text(L, lua_gettop(L), by, &items, NULL, (uint64_t)i);
			else
				apl_lua_declare_function(L, lua_gettop(L));
			lua_pop(L, 1);
		}
	}
	apl_lua_must(L, APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity));
	host->handlers[host->n_handlers] = (apl_lua_handler){
	    .kind = APL_LUA_FUNCTIONS, .first = first, .count = host->n_functions - first, .role = role, .place = host->functions[first].place};
	return (int32_t)host->n_handlers++;
}

/* The handler of the table's field, or APL_NO_HANDLER. [events]: what its transition listens to, or NULL. */
int32_t apl_lua_field_handler(
    lua_State *L, int table, const apl_word *word, const char *name, const char *label, const char *events, const apl_spot *spot) {
	int32_t handler = APL_NO_HANDLER;
	apl_guard_form form = strcmp(name, "when") == 0 ? APL_GUARD_TRUTH : APL_GUARD_ACTIONS;
	const apl_lua_carrier by = {{form, label, name, events}, name, spot};
	if (apl_lua_get_field(L, table, word, name)) handler = apl_lua_declare_handler(L, -1, name, &by);
	lua_settop(L, table);
	return handler;
}

const char *apl_lua_field_text(lua_State *L, int table, const apl_word *word, const char *name, const apl_spot *spot) {
	const char *text = NULL;
	if (apl_lua_get_field(L, table, word, name)) text = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, name));
	lua_settop(L, table);
	return text;
}

bool apl_lua_field_flag(lua_State *L, int table, const apl_word *word, const char *name) {
	bool flag = apl_lua_get_field(L, table, word, name) && lua_toboolean(L, -1);
	lua_settop(L, table);
	return flag;
}

/* Is the case in that state? */
int32_t apl_lua_declare_in_state(lua_State *L, uint32_t state, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	apl_lua_must(L, APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity));
	host->handlers[host->n_handlers] = (apl_lua_handler){.kind = APL_LUA_IN_STATE, .first = state, .place = place};
	return (int32_t)host->n_handlers++;
}

/* ---- lists of names -------------------------------------------------------------------- */

/* One name in a list separated by spaces. */
bool apl_lua_check_name(lua_State *L, int index, const char *label, const char *field, apl_place place) {
	size_t size;
	const char *name = lua_tolstring(L, index, &size);
	if (size > 0 && strcspn(name, " \t\r\n") == size) return true;
	if (size == 0)
		apl_lua_found(L, place, "bad-text", "%s: %s is empty", label, field);
	else
		apl_lua_found(
		    L, place, "bad-text", "%s: %s \"%.60s\" has a space in it; several names are a list: { \"a\", \"b\" }", label, field, name);
	return false;
}

static apl_place *take_places(lua_State *L, lua_Integer count) {
	apl_place *places = apl_arena_take(&apl_lua_of(L)->arena, (size_t)count * sizeof *places);
	apl_lua_must(L, places != NULL);
	return places;
}

/* A text or a list of texts at [index]. [whole]: its place; [items]: where those of a list stand. */
apl_lua_named apl_lua_join_names(lua_State *L, int index, const char *label, const char *field, apl_place whole, const apl_spot *items) {
	index = lua_absindex(L, index);
	int top = lua_gettop(L);
	apl_lua_named result = {NULL, NULL};
	if (lua_type(L, index) == LUA_TSTRING) {
		apl_place *place = take_places(L, 1);
		*place = whole;
		if (apl_lua_check_name(L, index, label, field, whole)) result = (apl_lua_named){apl_lua_keep_text(L, index, whole), place};
		return result;
	}
	lua_Integer count = (lua_Integer)lua_rawlen(L, index);
	apl_place *places = take_places(L, count);
	luaL_Buffer joined;
	luaL_buffinit(L, &joined);
	bool is_good = count > 0;
	if (!is_good) apl_lua_found(L, whole, "bad-text", "%s: %s is an empty list", label, field);
	for (lua_Integer i = 1; i <= count; i++) {
		places[i - 1] = apl_lua_place_of_item(L, items, (uint64_t)i);
		if (lua_rawgeti(L, index, i) != LUA_TSTRING) {
			apl_lua_found(
			    L, places[i - 1], "wrong-kind", "%s: %s %d must be text, found %s", label, field, (int)i, apl_lua_kind_name(L, -1));
			is_good = false;
			lua_pop(L, 1);
			continue;
		}
		is_good = apl_lua_check_name(L, -1, label, field, places[i - 1]) && is_good;
		luaL_addvalue(&joined);
		if (i < count) luaL_addchar(&joined, ' ');
	}
	luaL_pushresult(&joined);
	if (is_good) result = (apl_lua_named){apl_lua_keep_text(L, -1, whole), places};
	lua_settop(L, top);
	return result;
}

apl_lua_named apl_lua_field_names(
    lua_State *L, int table, const apl_word *word, const char *name, const char *label, const apl_spot *spot) {
	apl_lua_named result = {NULL, NULL};
	apl_spot items = apl_lua_spot_of_key(L, spot, name);
	if (apl_lua_get_field(L, table, word, name))
		result = apl_lua_join_names(L, -1, label, name, apl_lua_place_of_value(L, spot, name), &items);
	lua_settop(L, table);
	return result;
}

/* What the part was called with before its table: a name, or several. */
apl_lua_named apl_lua_part_names(lua_State *L, int part, const char *label, const char *what) {
	int top = lua_gettop(L);
	lua_getiuservalue(L, part, APL_PART_NAME);
	apl_spot items = apl_lua_spot_of_names(L, part);
	apl_place place = apl_lua_place_of_name(L, part, 0);
	/* A name that a module put together is made of what it was given. */
	const apl_place asked_at = apl_lua_of(L)->declaring->asked_at;
	size_t size;
	const char *name = lua_type(L, -1) == LUA_TSTRING && asked_at.file != NULL ? lua_tolstring(L, -1, &size) : NULL;
	if (name != NULL && !apl_lua_text_at(L, place, name, size).is_plain) place = asked_at;
	apl_lua_named result = apl_lua_join_names(L, -1, label, what, place, &items);
	lua_settop(L, top);
	return result;
}

int32_t apl_lua_add_function(lua_State *L, int index, const char *role) {
	return apl_lua_declare_handler(L, index, role, NULL);
}
