/* SPDX-License-Identifier: MIT */
/*
 * Decides what `require "x.y"` means: which file it is, that it runs once for a
 * playbook, in the same sandbox, and that the table it returns can be read and
 * not written. Where files come from is files.c's and the host's.
 */

#include "lua/modules.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/files.h"
#include "lua/source.h"
#include "lua/where.h"
#include "lua/words.h"

enum { MOST_NAME = 200, MOST_UNDER_WAY = 40 };

/* ---- names ------------------------------------------------------------------------------ */

/* Names of [a-z][a-z0-9_-]*, joined by dots. */
static bool is_module_name(const char *name) {
	bool is_first = true;
	size_t size = strlen(name);
	for (size_t i = 0; i < size; i++) {
		char c = name[i];
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_inside = is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_';
		if (is_first ? !is_letter : !(is_inside || c == '.')) return false;
		is_first = c == '.';
	}
	return !is_first && size <= MOST_NAME;
}

/* "x.y" is the file x/y.lua. */
static void file_of_module(const char *module, char out[MOST_NAME + 8]) {
	snprintf(out, MOST_NAME + 8, "%s.lua", module);
	for (char *c = out; c < out + strlen(module); c++) {
		if (*c == '.') *c = '/';
	}
}

typedef struct nearest_module {
	const char *wanted;
	uint32_t distance;
	char name[MOST_NAME + 8];
} nearest_module;

/* Files as modules, the nearest of them kept: whoever tells a name keeps it only for the call. */
static void try_file(const char *file, void *payload) {
	nearest_module *found = payload;
	size_t size = strlen(file);
	char module[MOST_NAME + 8];
	if (size <= 4 || size > MOST_NAME || strcmp(file + size - 4, ".lua") != 0) return;
	snprintf(module, sizeof module, "%.*s", (int)(size - 4), file);
	for (char *c = module; *c != '\0'; c++) {
		if (*c == '/') *c = '.';
	}
	if (!is_module_name(module)) return;
	apl_nearest nearest = apl_nearest_to(found->wanted, strlen(found->wanted));
	apl_nearest_try(&nearest, module);
	if (nearest.best == NULL || (found->name[0] != '\0' && nearest.distance >= found->distance)) return;
	found->distance = nearest.distance;
	memcpy(found->name, module, sizeof module);
}

static apl_place place_of_require(lua_State *L) {
	apl_call call = apl_lua_find_call(L, "require", false, 1, 0);
	return apl_lua_place_of_call(L, &call);
}

static int refuse_unknown(lua_State *L, const char *module, const char *file) {
	apl_lua *host = apl_lua_of(L);
	nearest_module nearest = {.wanted = module};
	char hint[MOST_NAME + 32] = "";
	apl_lua_each_file(host, try_file, &nearest);
	if (nearest.name[0] != '\0') snprintf(hint, sizeof hint, "; did you mean \"%s\"?", nearest.name);
	apl_place place = place_of_require(L);
	if (strncmp(module, "aplomb.", 7) == 0)
		return apl_lua_refuse_at(L, place, "unknown-module", "there is no module \"%s\" in Aplomb's library%s", module, hint);
	return apl_lua_refuse_at(
	    L, place, "unknown-module", "there is no module \"%s\": no file %s beside the playbook or in a module root%s", module, file, hint);
}

/* ---- running one --------------------------------------------------------------------------- */

void apl_lua_compile(lua_State *L, uint32_t number) {
	apl_lua *host = apl_lua_of(L);
	const apl_lua_file *file = &host->files[number];
	const char *source = file->text;
	size_t size = file->size;
	char name[16];
	apl_bytecode code;
	if (!apl_source_check(file->shown, &source, &size, host->findings)) {
		apl_lua_stop(L);
	}
	/* The compiler's own tables are large for a large file, and gone with it. */
	const apl_pool before = host->pool;
	host->pool.most_names = SIZE_MAX;
	int status = luaL_loadbufferx(L, source, size, apl_lua_chunk_name(number, name), "t");
	host->pool.most_names = before.most_names;
	host->pool.largest_names = before.largest_names;
	host->pool.largest_block = before.largest_block;
	switch (status) {
	case LUA_OK: break;
	case LUA_ERRSYNTAX: apl_lua_refuse_syntax(L, number, source, size); break;
	case LUA_ERRRUN: apl_lua_refuse_depth(L, number, source, size); break;
	default: lua_error(L);
	}
	host->plain_slug = "lua-error";
	apl_lua_read_places(L, number, source, size);
	bool is_known = apl_lua_examine(L, &code);
	if (!is_known || code.names_time_in) host->program.asks_time_in = true;
	if (!is_known || code.names_send) host->may_send_later = true;
	if (!is_known || code.has_zeros) host->has_zeros = true;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	lua_setupvalue(L, -2, 1); /* _ENV, the only one */
}

/* Is the file being run already, further out? Then says by which way. */
static void check_cycle(lua_State *L, uint32_t file, const char *module) {
	apl_lua *host = apl_lua_of(L);
	uint32_t at = 0;
	while (at < host->n_under_way && host->under_way[at].file != file) at++;
	if (at == host->n_under_way && file != 0) return;
	char way[512];
	size_t used = 0;
	for (uint32_t i = file == 0 ? 0 : at; i < host->n_under_way && used < sizeof way; i++) {
		int added = snprintf(way + used, sizeof way - used, "%s, which requires ", host->files[host->under_way[i].file].name);
		used += added > 0 ? (size_t)added : 0;
	}
	if (file == 0)
		apl_lua_refuse(L, "module-cycle", "\"%s\" is the playbook itself%s; what both need belongs into a module of its own", module,
		    host->n_under_way > 0 ? ", which requires this module" : "");
	apl_lua_refuse(L, "module-cycle", "a module cannot require itself on a way around: %s%s; what both need belongs into a third one", way,
	    host->files[file].name);
}

/* Runs the file and leaves its table on the stack, locked. */
static void run_module(lua_State *L, uint32_t file, const char *module) {
	apl_lua *host = apl_lua_of(L);
	if (host->n_under_way == MOST_UNDER_WAY)
		apl_lua_refuse(L, "limit-modules", "modules require one another more than %d deep here", MOST_UNDER_WAY);
	if (host->under_way == NULL) {
		host->under_way = apl_arena_take(&host->arena, MOST_UNDER_WAY * sizeof *host->under_way);
		if (host->under_way == NULL) apl_lua_raise_memory(L);
	}
	host->under_way[host->n_under_way++] = (apl_lua_require){file, place_of_require(L)};
	apl_lua_compile(L, file);
	lua_call(L, 0, 1);
	if (!apl_lua_is_plain_table(L, -1)) {
		const char *found = apl_lua_to_module(L, -1) != NULL ? "another module" : apl_lua_kind_name(L, -1);
		apl_found(host->findings, APLOMB_ERROR, "module-returns", apl_lua_place_in(host, file, 1),
		    "a module returns a table of what it offers; this one returned %s: end it with \"return\" and the table's name", found);
		apl_lua_stop(L);
	}
	host->n_under_way--;
	lua_pushfstring(L, APL_LUA_MODULE "%s", module);
	lua_insert(L, -2);
	apl_lua_lock(L, lua_tostring(L, -2));
	lua_remove(L, -2);
}

/* A failed load never returns to the module's require, so those under way still stand in their row. */
void apl_lua_tell_requires(apl_lua *host) {
	for (uint32_t i = host->n_under_way; i > 0; i--) {
		const apl_lua_require *require = &host->under_way[i - 1];
		apl_found(host->findings, APLOMB_ERROR, "module-failed", require->place, "this module cannot be loaded; what is wrong stands in %s",
		    host->files[require->file].shown);
	}
	host->n_under_way = 0;
}

/* ---- require -------------------------------------------------------------------------------- */

static int require(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	char file[MOST_NAME + 8];
	uint32_t number;
	aplomb_error error = {0};
	if (host->phase != APL_LUA_LOADING)
		return apl_lua_refuse(L, "outside-load", "modules are loaded with the playbook; a function that runs later cannot require one");
	if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
		return apl_lua_refuse(L, "word-call", "require is written require \"name\"; it was called with %s",
		    lua_gettop(L) > 1 ? "more than one value" : apl_lua_kind_name(L, 1));
	const char *module = lua_tostring(L, 1);
	if (strlen(module) != lua_rawlen(L, 1) || !is_module_name(module))
		return apl_lua_refuse(L, "bad-module-name",
		    "\"%.60s\" is no module's name: that is made of small letters, digits, \"-\" and \"_\", with dots where the file has a folder",
		    module);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_MODULES);
	lua_pushvalue(L, 1);
	if (lua_rawget(L, 2) != LUA_TNIL) return 1;
	file_of_module(module, file);
	switch (apl_lua_fetch(host, file, &number, &error)) {
	case APLOMB_OK: break;
	case APLOMB_ENOTFOUND: return refuse_unknown(L, module, file);
	case APLOMB_ENOMEM: return apl_lua_raise_memory(L);
	default: return apl_lua_refuse(L, error.slug, "%s", error.message);
	}
	check_cycle(L, number, module);
	run_module(L, number, module);
	/* By its name, and by itself: whoever is handed a table can see that it is a module. */
	lua_pushvalue(L, 1);
	lua_pushvalue(L, -2);
	lua_rawset(L, 2);
	lua_pushvalue(L, -1);
	lua_pushvalue(L, 1);
	lua_rawset(L, 2);
	return 1;
}

const char *apl_lua_to_module(lua_State *L, int index) {
	index = lua_absindex(L, index);
	if (lua_type(L, index) != LUA_TTABLE) return NULL;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_MODULES);
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL; /* kept alive by the registry */
	lua_pop(L, 2);
	if (name == NULL) return NULL;
	lua_getmetatable(L, index);
	lua_pushliteral(L, "__index");
	lua_rawget(L, -2);
	lua_remove(L, -2);
	return name;
}

void apl_lua_open_modules(lua_State *L) {
	static const apl_lua_entry entries[] = {{"require", require}};
	APL_LUA_PUT(L, entries);
}
