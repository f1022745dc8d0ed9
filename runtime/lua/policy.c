/* SPDX-License-Identifier: MIT */
/*
 * Decides which files of values belong to a playbook, what a policy may hold,
 * and which value of a parameter stands before which: what was given before
 * the policy's, and that before the default. What a case opens with stands
 * before all of them, and is the engine's.
 */

#include "lua/policy.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/catalogue.h"

/* ---- reading --------------------------------------------------------------------------- */

static void check_code(lua_State *L, int code, const aplomb_error *error) {
	if (code == APLOMB_OK) return;
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	apl_lua_refuse(L, error->slug, "%s", error->message);
}

/* The file of values of that name beside the playbook; false: there is none. */
static bool find_beside(lua_State *L, const char *name, uint32_t *file) {
	aplomb_error error = {0};
	int code = apl_lua_fetch_beside(apl_lua_of(L), name, file, &error);
	if (code == APLOMB_ENOTFOUND) return false;
	check_code(L, code, &error);
	return *file != 0; /* the playbook itself may be called so */
}

static uint32_t add_text(lua_State *L, const char *name, const char *shown, const char *text, size_t size) {
	uint32_t file = apl_lua_add_source(apl_lua_of(L), name, shown != NULL ? shown : name, text, size);
	if (file == APL_NONE) apl_lua_raise_memory(L);
	return file;
}

/* The table at the top becomes what is known of params, in that place. */
static void keep_params(lua_State *L, lua_Integer which) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_POLICY);
	lua_insert(L, -2);
	lua_rawseti(L, -2, which);
	lua_pop(L, 1);
}

static void take_policy(lua_State *L, uint32_t file) {
	static const char *const keys[] = {"params", "phrases"};
	apl_lua *host = apl_lua_of(L);
	apl_value_at spot;
	apl_lua_read_values(L, file, &spot);
	int table = lua_gettop(L);
	if (!apl_lua_has_names_only(L, table, &spot, "policy.lua")) return;
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, table + 1, i) != LUA_TNIL; i++) {
		const char *key = lua_tostring(L, -1);
		apl_value_at at = apl_value_key(L, &spot, key);
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		bool is_params = strcmp(key, keys[0]) == 0;
		if (!is_params && strcmp(key, keys[1]) != 0) {
			char hint[160];
			apl_nearest nearest = apl_nearest_to(key, strlen(key));
			for (size_t n = 0; n < 2; n++) apl_nearest_try(&nearest, keys[n]);
			apl_lua_found_at(L, APLOMB_ERROR, &at, "policy-shape", "a policy holds params and phrases, and no \"%s\"%s", key,
			    apl_nearest_hint(&nearest, hint, sizeof hint));
		} else if (lua_type(L, -1) != LUA_TTABLE) {
			apl_lua_found_at(
			    L, APLOMB_ERROR, &at, "policy-shape", "%s is a table: %s = { … }; found %s", key, key, apl_lua_kind_name(L, -1));
		} else if (is_params) {
			host->declaring->spots[APL_SPOT_PARAMS] = at;
			keep_params(L, 1);
		} else {
			apl_lua_take_phrases(L, -1, &at, APL_PHRASE_POLICY, false);
		}
		lua_settop(L, table + 1);
	}
	lua_settop(L, table - 1);
}

/* Params as JSON, as a command line has them. */
static void take_given(lua_State *L, uint32_t file) {
	apl_lua *host = apl_lua_of(L);
	const apl_lua_file *given = &host->files[file];
	apl_value_at spot = apl_value_somewhere(file, apl_lua_place_in(host, file, 1));
	aplomb_error error = {0};
	apl_json_bounds bounds = {host->depth_limit, host->data_limit};
	int code = apl_json_read(&host->tape, given->text, given->size, &bounds, &error);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code == APLOMB_OK && host->tape.cells[0].kind == APLOMB_MAP) {
		bool had_null;
		apl_lua_push_cell(L, &host->tape, 0, &had_null);
		host->declaring->spots[APL_SPOT_GIVEN] = spot;
		keep_params(L, 2);
		return;
	}
	if (code == APLOMB_OK)
		snprintf(error.message, sizeof error.message, "a map of params was expected, such as {\"refund_limit\":\"60.00 GBP\"}");
	spot.place = (apl_place){spot.place.file, error.line > 0 ? error.line : 1, error.column};
	apl_lua_found_at(L, APLOMB_ERROR, &spot, "policy-shape", "these params are no JSON map: %s", error.message);
}

/* Does the playbook speak in phrases? Then it may speak in the library's. */
static bool wants_library(const apl_lua *host) {
	if (host->n_sayings > 0) return true;
	for (uint32_t i = 0; i < host->n_files; i++) {
		if (strncmp(host->files[i].name, "aplomb/", 7) == 0 || strstr(host->files[i].text, "phrase") != NULL) return true;
	}
	return false;
}

int apl_lua_read_policy(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_lua_options *options = host->options;
	aplomb_error error = {0};
	uint32_t file;
	lua_settop(L, 0);
	host->declaring->spots = apl_arena_take(&host->arena, APL_SPOTS * sizeof *host->declaring->spots);
	if (host->declaring->spots == NULL) apl_lua_raise_memory(L);
	if (options->policy != NULL)
		take_policy(L, add_text(L, "policy.lua", options->policy_path, options->policy, options->policy_size));
	else if (find_beside(L, "policy.lua", &file))
		take_policy(L, file);
	if (options->params != NULL)
		take_given(L, add_text(L, "params.json", options->params_path, options->params, options->params_size));
	else if (host->is_bundled && find_beside(L, "params.json", &file))
		take_given(L, file);
	if (find_beside(L, "phrases.lua", &file)) {
		apl_value_at spot;
		apl_lua_read_values(L, file, &spot);
		apl_lua_take_phrases(L, -1, &spot, APL_PHRASE_PLAYBOOK, true);
	}
	if (!wants_library(host)) return 0;
	int code = apl_lua_fetch(host, "aplomb/phrases.lua", &file, &error);
	if (code == APLOMB_ENOTFOUND) return 0;
	check_code(L, code, &error);
	apl_value_at spot;
	apl_lua_read_values(L, file, &spot);
	apl_lua_take_phrases(L, -1, &spot, APL_PHRASE_LIBRARY, true);
	return 0;
}

/* ---- applying --------------------------------------------------------------------------------- */

typedef struct applying {
	lua_State *L;
	apl_default_from from;
} applying;

static void apply_table(const applying *a, int table, uint32_t parent, const char *path, const apl_value_at *spot, unsigned depth);

/* The value at the top is that of the parameter. */
static void apply_value(const applying *a, uint32_t field, const char *path, const apl_value_at *spot, unsigned depth) {
	lua_State *L = a->L;
	apl_lua *host = apl_lua_of(L);
	apl_declaring *d = host->declaring;
	apl_type type = apl_schema_added_type(d->schema_builder, field);
	if (type == APL_TYPE_FIELDS) {
		if (lua_type(L, -1) == LUA_TTABLE)
			apply_table(a, lua_gettop(L), field, path, spot, depth + 1);
		else
			apl_lua_found_at(
			    L, APLOMB_ERROR, spot, "policy-value", "%s has fields: %s = { … }; found %s", path, path, apl_lua_kind_name(L, -1));
		return;
	}
	aplomb_error error = {0};
	apl_lua_write_json(L, -1, path, NULL, 0, type == APL_TYPE_LIST);
	apl_buf_clear(&d->texts[0]);
	apl_buf_add(&d->texts[0], host->json.bytes, host->json.size);
	apl_json_bounds bounds = {host->depth_limit + 1, host->data_limit + 64};
	int code = d->texts[0].failed ? APLOMB_ENOMEM : apl_json_read(&d->tapes[0], d->texts[0].bytes, d->texts[0].size, &bounds, &error);
	if (code == APLOMB_ENOMEM ||
	    (code == APLOMB_OK && !apl_schema_set_default(d->schema_builder, field, &d->tapes[0], 0, a->from, spot->place)))
		apl_lua_raise_memory(L);
	if (code != APLOMB_OK) apl_lua_found_at(L, APLOMB_ERROR, spot, "policy-value", "%s: %s", path, error.message);
}

static void apply_table(const applying *a, int table, uint32_t parent, const char *path, const apl_value_at *spot, unsigned depth) {
	lua_State *L = a->L;
	const apl_schema_builder *builder = apl_lua_of(L)->declaring->schema_builder;
	if (depth > 32 || !apl_lua_has_names_only(L, table, spot, path)) return;
	luaL_checkstack(L, 12, NULL);
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		size_t size;
		char inner[256], hint[160];
		const char *key = lua_tolstring(L, -1, &size);
		apl_value_at at = apl_value_key(L, spot, key);
		uint32_t field = apl_schema_added(builder, parent, key, size);
		snprintf(inner, sizeof inner, "%s.%.80s", path, key);
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		if (field != APL_NO_FIELD)
			apply_value(a, field, inner, &at, depth);
		else
			apl_lua_found_at(L, APLOMB_ERROR, &at, "unknown-param", "%s: the playbook has no such parameter%s", inner,
			    apl_schema_added_hint(builder, parent, key, size, hint, sizeof hint));
		lua_settop(L, keys);
	}
	lua_settop(L, keys - 1);
}

void apl_lua_apply_policy(lua_State *L) {
	static const struct {
		apl_default_from from;
		int spot;
	} layers[] = {{APL_DEFAULT_POLICY, APL_SPOT_PARAMS}, {APL_DEFAULT_GIVEN, APL_SPOT_GIVEN}};
	int top = lua_gettop(L);
	for (lua_Integer i = 0; i < 2; i++) {
		applying a = {L, layers[i].from};
		lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_POLICY);
		if (lua_rawgeti(L, -1, i + 1) == LUA_TTABLE)
			apply_table(&a, lua_gettop(L), 0, "params", &apl_lua_of(L)->declaring->spots[layers[i].spot], 0);
		lua_settop(L, top);
	}
}
