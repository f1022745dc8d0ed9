/* SPDX-License-Identifier: MIT */
/*
 * Decides what may be given to an `invoke`, and what becomes of it when a child
 * is to begin: functions are among the program's, everything else stays as it
 * was written, with what `from` stands for looked up each time.
 */
#include "lua/invoke.h"
#include "lua/invoked.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lua/purity.h"
#include "lua/reference.h"
#include "lua/where.h"
#include "time/shown.h"

static const char *const names[APL_INVOKE_PARTS] = {NULL, "data", "params", "locale"};

/* The value at the top is the part; it is taken off. */
static void keep(lua_State *L, uint32_t number, apl_lua_invoke_part part, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	int value = lua_gettop(L);
	if (lua_type(L, value) == LUA_TFUNCTION) {
		int32_t handler = apl_lua_add_function(L, value, "invoke");
		host->invokes[number].functions[part] = host->handlers[handler].first;
	} else {
		if (lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_INVOKES) != LUA_TTABLE) {
			lua_pop(L, 1);
			lua_createtable(L, 4, 0);
			lua_pushvalue(L, -1);
			lua_rawseti(L, LUA_REGISTRYINDEX, APL_REGISTRY_INVOKES);
		}
		lua_pushvalue(L, value);
		lua_rawseti(L, -2, (lua_Integer)number * APL_INVOKE_PARTS + part + 1);
	}
	host->invokes[number].is_given[part] = true;
	host->invokes[number].places[part] = place;
	lua_settop(L, value - 1);
}

uint32_t apl_lua_keep_invoke(lua_State *L, int part, int table, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	if (!APL_GROW(&host->alloc, host->invokes, host->n_invokes, host->invokes_capacity)) apl_lua_raise_memory(L);
	uint32_t number = host->n_invokes++;
	host->invokes[number] = (apl_lua_invoke){.functions = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
	if (lua_getiuservalue(L, part, APL_PART_NAME) != LUA_TSTRING) keep(L, number, APL_INVOKE_PLAYBOOK, spot->place);
	lua_settop(L, table);
	for (int i = APL_INVOKE_DATA; i < APL_INVOKE_PARTS; i++) {
		if (apl_lua_get_field(L, table, &apl_words[APL_WORD_INVOKE], names[i]))
			keep(L, number, (apl_lua_invoke_part)i, apl_lua_place_of_value(L, spot, names[i]));
		lua_settop(L, table);
	}
	return number;
}

void apl_lua_push_invoke_part(lua_State *L, uint32_t number, apl_lua_invoke_part part) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_INVOKES);
	lua_rawgeti(L, -1, (lua_Integer)number * APL_INVOKE_PARTS + part + 1);
	lua_remove(L, -2);
}

int apl_lua_read_opening(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	lua_settop(L, 1);
	if (!lua_isnil(L, 1)) {
		apl_lua_write_json(L, 1, "invoke", NULL, 0, false);
		if (host->json.bytes[0] != '{')
			return apl_lua_refuse(L, "wrong-type", "invoke: a table of names and values was expected, found %s", apl_lua_kind_name(L, 1));
	}
	lua_pushboolean(L, !lua_isnil(L, 1));
	return 1;
}

int apl_lua_read_invoked(lua_State *L) {
	lua_settop(L, 1);
	if (apl_lua_push_referred(L, 1)) lua_replace(L, 1);
	if (!lua_isnil(L, 1)) {
		if (lua_type(L, 1) != LUA_TSTRING)
			return apl_lua_refuse(L, "wrong-type", "invoke: a text was expected, found %s", apl_lua_kind_name(L, 1));
		apl_lua_write_json(L, 1, "invoke", NULL, 0, false);
	}
	lua_pushboolean(L, !lua_isnil(L, 1));
	return 1;
}

/* ---- when both playbooks are known ----------------------------------------------- */

typedef struct checking {
	apl_lua *host;
	const apl_invoke *invoke;
	const apl_lua_invoke *given;
	uint32_t number;
	apl_findings *findings;
} checking;

static void find(const checking *c, apl_place place, const char *slug, const char *fact) {
	char shown[APL_SHOWN];
	if (place.line == 0) place = c->invoke->place;
	apl_found(c->findings, APLOMB_WARNING, slug, place, "invoke \"%s\": %s",
	    apl_shown(c->invoke->playbook, strlen(c->invoke->playbook), shown), fact);
}

/* The member's value at the top of the stack is of no consequence: its name is. */
static void check_name(const checking *c, apl_lua_invoke_part part, const apl_schema *schema, const char *name, size_t size) {
	if (apl_schema_member(schema, 0, name, size) != APL_NO_FIELD) return;
	char fact[APL_SHOWN + 256], shown[APL_SHOWN], hint[160];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = schema->fields[0].first_child; i != APL_NO_FIELD; i = schema->fields[i].next)
		apl_nearest_try(&nearest, schema->fields[i].name);
	snprintf(fact, sizeof fact, "its playbook has no %s.%s%s", names[part], apl_shown(name, size, shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
	find(c, c->given->places[part], "invoke-data", fact);
}

static void check_part(const checking *c, apl_lua_invoke_part part, const apl_schema *schema) {
	lua_State *L = c->host->L;
	const bool is_given = c->given->is_given[part];
	if (is_given && c->given->functions[part] != UINT32_MAX) return; /* what it answers is known when it is asked */
	int top = lua_gettop(L);
	if (is_given) {
		apl_lua_push_invoke_part(L, c->number, part);
		apl_lua_see_through(L, top + 1);
		for (lua_pushnil(L); lua_next(L, top + 1) != 0; lua_pop(L, 1)) {
			size_t size;
			const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &size) : NULL;
			if (name != NULL) check_name(c, part, schema, name, size);
		}
	}
	for (uint32_t i = schema->fields[0].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		const apl_field *field = &schema->fields[i];
		if (!field->required) continue;
		bool is_there = false;
		if (is_given) {
			lua_pushnil(L);
			while (!is_there && lua_next(L, top + 1) != 0) {
				is_there = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), field->name) == 0;
				lua_pop(L, 1);
			}
			lua_settop(L, top + 1);
		}
		if (is_there) continue;
		char fact[APL_SHOWN + 128];
		snprintf(fact, sizeof fact, "its playbook requires %s.%.80s, which is not given", names[part], field->name);
		find(c, c->given->places[part], "invoke-data", fact);
	}
	lua_settop(L, top);
}

void apl_lua_check_invoke(const apl_program *program, uint32_t invoke, const apl_program *child, apl_findings *findings) {
	if (program->ops != &apl_lua_ops) return;
	apl_lua *host = program->self;
	const apl_invoke *of = &program->chart->invokes[invoke];
	const uint32_t number = (uint32_t)of->handler;
	const checking c = {host, of, &host->invokes[number], number, findings};
	check_part(&c, APL_INVOKE_DATA, child->data);
	check_part(&c, APL_INVOKE_PARAMS, child->params);
}
