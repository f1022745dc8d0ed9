/* SPDX-License-Identifier: MIT */
/*
 * Decides what a chart that came from SCXML sees beside what other playbooks
 * see: variables that nobody declared, SCXML's system variables, and In().
 *
 * A name that is no local variable is a variable of the case. All of a case's
 * variables lie in one field of its data, data.variables, of type any: so cases
 * stay apart, and variables are saved, undone and replayed like everything
 * else. The table of globals, which is one and empty, reads through to them:
 *
 *     Var1 ──> variables of the case ──> _event, _name, … ──> Lua's library
 *
 * A variable that was given _ioprocessors or _x holds a mark in their place, so
 * that it is the same table in a later turn, too.
 *
 * Most variables have slots in the record (slots.c), and are read and written
 * there. A table of all of them is made when somebody wants one that has no
 * slot, or one that holds a table; from then on, until the turn is over, that
 * table is what the variables are.
 *
 * System variables are made when they are first asked for, and are the same
 * table until the turn (of _event: until the event) is over. They cannot be
 * written.
 */

#include "lua/purity.h"
#include "lua/slots.h"
#include "lua/where.h"

#include <string.h>

#include <lauxlib.h>

#include "data/schema.h"

#define PROCESSOR "http://www.w3.org/TR/scxml/#SCXMLEventProcessor"

/* What APL_REGISTRY_SYSTEM holds. */
enum { SYSTEM_EVENT = 1, SYSTEM_PROCESSORS, SYSTEM_PLATFORM };

/* The key of the mark that stands for a table of the system's in a variable. */
#define MARK "_system"

/* ---- declaring -------------------------------------------------------------- */

uint32_t apl_lua_find_variables(lua_State *L, apl_place place) {
	const apl_schema *data = apl_lua_of(L)->program.data;
	uint32_t field = apl_schema_member(data, 0, "variables", strlen("variables"));
	if (field != APL_NO_FIELD && data->fields[field].type == APL_TYPE_ANY) return field;
	apl_lua_found(L, place, "imported-variables",
	    "an imported chart keeps its variables in data.variables: write data = { variables = any { default = {} } }");
	return APL_NO_FIELD;
}

apl_schema *apl_lua_new_done_schema(const apl_alloc *alloc) {
	static const apl_field_options member = {.name = "data", .type = APL_TYPE_ANY};
	apl_schema_builder *builder = apl_schema_builder_new(alloc, "event");
	if (builder == NULL) return NULL;
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	apl_schema *schema = NULL;
	uint32_t field;
	if (!apl_schema_add(builder, 0, &member, &field) || apl_schema_finish(builder, &schema, &findings) != APLOMB_OK) schema = NULL;
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
	return schema;
}

/* ---- the case's variables --------------------------------------------------------- */

static bool is_touched(const apl_lua *host) {
	for (uint32_t i = 0; i < host->n_touched; i++) {
		if (host->touched[i].field == host->variables) return true;
	}
	return false;
}

bool apl_lua_variables_may_differ(const apl_lua *host) {
	return host->n_touched > 1 || !is_touched(host) || host->are_assigned || host->are_exposed;
}

/* Pushes the table of variables; nil when there is none yet. */
static void push_variables(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	bool is_there = is_touched(host);
	bool are_exposed = is_there && host->are_exposed;
	apl_lua_push_field(L, &host->nodes[host->data_node], host->words[APL_LUA_DATA], host->variables);
	host->are_exposed = are_exposed;
	if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TTABLE)
		apl_lua_refuse(
		    L, "wrong-type", "data.variables holds %s; in an imported chart it is the table of its variables", apl_lua_kind_name(L, -1));
}

static bool is_name(lua_State *L, int index, const char *name) {
	size_t size;
	const char *text = lua_tolstring(L, index, &size);
	return size == strlen(name) && memcmp(text, name, size) == 0;
}

/* ---- system variables -------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text) {
	if (text == NULL) return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

static bool begins(const apl_step_event *event, const char *prefix) {
	return event->size >= strlen(prefix) && memcmp(event->name, prefix, strlen(prefix)) == 0;
}

/* `data` of an event whose only member is one of that name, or a table of its members; nothing for one that carries nothing. */
static void set_data(lua_State *L, const apl_payload *payload) {
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = payload->schema;
	uint32_t data = apl_schema_member(schema, 0, "data", strlen("data"));
	const apl_lua_node node = {schema, 0, APL_LUA_EVENT, 0, NULL, "event"};
	if (data != APL_NO_FIELD && schema->fields[data].type == APL_TYPE_ANY && schema->fields[0].first_child == data &&
	    schema->fields[data].next == APL_NO_FIELD) {
		apl_lua_push_field(L, &node, payload->words, data);
	} else {
		lua_createtable(L, 0, 4);
		for (uint32_t i = schema->fields[0].first_by_name; i != APL_NO_FIELD; i = schema->fields[i].next_by_name) {
			if (!apl_record_has(payload->words, &schema->fields[i])) continue;
			lua_pushlstring(L, schema->fields[i].name, schema->fields[i].name_size);
			apl_lua_push_field(L, &node, payload->words, i);
			lua_rawset(L, -3);
		}
	}
	(void)host;
	lua_setfield(L, -2, "data");
}

/* "#_scxml_ID" */
static void push_location(lua_State *L, const char *id, size_t size) {
	lua_pushliteral(L, "#_scxml_");
	lua_pushlstring(L, id, size);
	lua_concat(L, 2);
}

/* Where an event from outside came from: the case itself, another case, or nobody whom an event could be sent to. */
static void set_origin(lua_State *L, const apl_payload *payload) {
	const apl_case *c = apl_lua_of(L)->turn->the_case;
	const char *by = payload != NULL ? payload->by : NULL;
	if (by == NULL)
		push_location(L, apl_case_id(c), c->id_size);
	else if (strncmp(by, "case:", 5) == 0)
		push_location(L, by + 5, strlen(by + 5));
	else
		return;
	lua_setfield(L, -2, "origin");
	set_text(L, "origintype", PROCESSOR);
}

static void push_event(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	const apl_step_event *event = host->turn->event;
	const apl_payload *payload = apl_turn_payload(host->turn);
	const bool is_outside = event == host->turn->outside;
	const bool is_platform = !is_outside && (begins(event, "error.") || begins(event, "done."));
	lua_createtable(L, 0, 8);
	lua_pushlstring(L, event->name, event->size);
	lua_setfield(L, -2, "name");
	set_text(L, "type", is_outside ? "external" : is_platform ? "platform" : "internal");
	if (is_outside) set_origin(L, payload);
	/* What another case sent has an id that the engine made, which says nothing to a chart. */
	const bool is_from_case = is_outside && payload != NULL && payload->by != NULL && strncmp(payload->by, "case:", 5) == 0;
	if (payload != NULL && !is_from_case) set_text(L, "sendid", payload->id);
	if (payload != NULL) set_text(L, "invokeid", payload->invoke);
	if (payload != NULL && payload->schema != NULL && payload->words != NULL) {
		uint32_t sendid = is_platform ? apl_schema_member(payload->schema, 0, "sendid", strlen("sendid")) : APL_NO_FIELD;
		const apl_text *text = sendid != APL_NO_FIELD ? apl_record_text(payload->words, &payload->schema->fields[sendid]) : NULL;
		if (text != NULL) set_text(L, "sendid", text->bytes);
		set_data(L, payload);
	}
}

static void push_processors(lua_State *L) {
	const apl_case *c = apl_lua_of(L)->turn->the_case;
	lua_createtable(L, 0, 2);
	lua_createtable(L, 0, 1);
	push_location(L, apl_case_id(c), c->id_size);
	lua_setfield(L, -2, "location");
	apl_lua_freeze(L, lua_gettop(L));
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, PROCESSOR);
	lua_setfield(L, -2, "scxml");
}

/* The table of that number: made, or the one that was made in this turn. */
static void push_system(lua_State *L, int number) {
	apl_lua *host = apl_lua_of(L);
	if (host->system_turn != host->n_turns) {
		lua_createtable(L, 3, 0);
		lua_rawseti(L, LUA_REGISTRYINDEX, APL_REGISTRY_SYSTEM);
		host->system_turn = host->n_turns;
		host->system_generation = host->generation;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_SYSTEM);
	if (host->system_generation != host->generation) {
		lua_pushnil(L);
		lua_rawseti(L, -2, SYSTEM_EVENT);
		host->system_generation = host->generation;
	}
	if (lua_rawgeti(L, -1, number) == LUA_TNIL) {
		lua_pop(L, 1);
		if (number == SYSTEM_EVENT)
			push_event(L);
		else if (number == SYSTEM_PROCESSORS)
			push_processors(L);
		else
			lua_createtable(L, 0, 0);
		apl_lua_freeze(L, lua_gettop(L));
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, number);
	}
	lua_remove(L, -2);
}

/* In("id"): is that state active? Ids are unique in an imported chart. */
static int is_in(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	if (host->turn == NULL) return apl_lua_refuse(L, "outside-turn", "In works only while a case is handled");
	const char *id = luaL_checkstring(L, 1);
	const apl_chart *chart = host->program.chart;
	const uint64_t *active = apl_case_configuration(host->turn->the_case);
	bool is_active = false;
	for (uint32_t i = 1; i < chart->n_states && !is_active; i++) is_active = apl_set_has(active, i) && strcmp(chart->states[i].id, id) == 0;
	lua_pushboolean(L, is_active);
	return 1;
}

/* Pushes the system variable of that name; false: it is none. */
static bool push_system_variable(lua_State *L, int name) {
	const apl_lua *host = apl_lua_of(L);
	if (is_name(L, name, "In")) {
		lua_pushcfunction(L, is_in);
		return true;
	}
	if (lua_tostring(L, name)[0] != '_') return false;
	if (is_name(L, name, "_event"))
		host->turn->event != NULL ? push_system(L, SYSTEM_EVENT) : lua_pushnil(L);
	else if (is_name(L, name, "_name"))
		lua_pushstring(L, host->program.title);
	else if (is_name(L, name, "_sessionid"))
		lua_pushlstring(L, apl_case_id(host->turn->the_case), host->turn->the_case->id_size);
	else if (is_name(L, name, "_ioprocessors"))
		push_system(L, SYSTEM_PROCESSORS);
	else if (is_name(L, name, "_x"))
		push_system(L, SYSTEM_PLATFORM);
	else if (is_name(L, name, "_try"))
		lua_pushcfunction(L, apl_lua_attempt);
	else
		return false;
	return true;
}

/* The table at the top stands for one of the system's: pushes that. */
static void push_marked(lua_State *L) {
	lua_pushliteral(L, MARK);
	if (!apl_lua_is_plain_table(L, -2) || lua_rawget(L, -2) != LUA_TSTRING) {
		lua_pop(L, 1);
		return;
	}
	push_system(L, is_name(L, -1, "_x") ? SYSTEM_PLATFORM : SYSTEM_PROCESSORS);
}

/* The value at [index] as it is kept: a table of the system's as its mark. */
static void mark_system(lua_State *L, int index) {
	static const char *const names[] = {NULL, NULL, "_ioprocessors", "_x"};
	if (lua_type(L, index) != LUA_TTABLE || !apl_lua_is_frozen(L, index)) return;
	for (int i = SYSTEM_PROCESSORS; i <= SYSTEM_PLATFORM; i++) {
		push_system(L, i);
		bool is_it = lua_rawequal(L, -1, index);
		lua_pop(L, 1);
		if (!is_it) continue;
		lua_createtable(L, 0, 1);
		lua_pushstring(L, names[i]);
		lua_setfield(L, -2, MARK);
		lua_replace(L, index);
		return;
	}
}

/* ---- the globals ------------------------------------------------------------------------ */

/* upvalues: what globals are while a playbook is loaded; Lua's library alone. Called with (globals, name). */
static int index_globals(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	if (host->turn == NULL) {
		lua_gettable(L, lua_upvalueindex(1));
		return 1;
	}
	if (lua_type(L, 2) == LUA_TSTRING) {
		/* What has a slot is neither the system's nor the library's. */
		const uint32_t slot = apl_lua_slot_of(host, lua_tostring(L, 2));
		if (slot != APL_NO_SLOT && apl_lua_slots_are_current(host) && apl_lua_push_slot(L, slot)) return 1;
		if (slot == APL_NO_SLOT && push_system_variable(L, 2)) return 1;
		if (slot == APL_NO_SLOT && apl_lua_slots_are_all(host)) {
			lua_rawget(L, lua_upvalueindex(2));
			return 1;
		}
	}
	push_variables(L);
	if (lua_type(L, -1) == LUA_TTABLE) {
		lua_pushvalue(L, 2);
		int type = lua_rawget(L, -2);
		if (type == LUA_TTABLE) {
			apl_lua_of(L)->are_exposed = true;
			push_marked(L);
		}
		if (type != LUA_TNIL) return 1;
	}
	lua_settop(L, 2);
	lua_rawget(L, lua_upvalueindex(2));
	return 1;
}

/* upvalue: what refused assignments so far. */
static int assign_global(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	if (host->turn == NULL) {
		lua_pushvalue(L, lua_upvalueindex(1));
		lua_insert(L, 1);
		lua_call(L, 3, 0);
		return 0;
	}
	if (lua_type(L, 2) != LUA_TSTRING)
		return apl_lua_refuse(L, "unknown-name", "a variable has a name, and %s is none", apl_lua_kind_name(L, 2));
	const char *name = lua_tostring(L, 2);
	if (host->phase != APL_LUA_BLOCK) return apl_lua_refuse_touch(L, "the variable %.80s is to be written", name);
	const uint32_t slot = apl_lua_slot_of(host, name);
	if (slot == APL_NO_SLOT && push_system_variable(L, 2))
		return apl_lua_refuse(L, "locked", "%.80s is a system variable, which cannot be changed", name);
	apl_lua_check_variable(L, name, 3);
	if (slot != APL_NO_SLOT && apl_lua_slots_are_current(host) && apl_lua_write_slot(L, slot, 3)) return 0;
	push_variables(L);
	if (lua_isnil(L, -1)) {
		const apl_writer writer = apl_turn_writer(host->turn);
		lua_createtable(L, 0, 4);
		apl_lua_write_field(L, &writer, host->variables, lua_gettop(L));
		lua_settop(L, 3);
		push_variables(L);
	}
	host->are_assigned = true;
	if (lua_type(L, 3) == LUA_TTABLE) host->are_exposed = true;
	mark_system(L, 3);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_rawset(L, -3);
	return 0;
}

/* Is the value at the top, of the name below it, Lua's own library? */
static bool is_of_library(lua_State *L) {
	return apl_lua_to_word(L, -1) < 0 && !is_name(L, -2, "require") && !is_name(L, -2, "described");
}

bool apl_lua_is_library(lua_State *L, int globals, int index) {
	lua_pushvalue(L, index);
	lua_pushvalue(L, -1);
	bool is_it = lua_rawget(L, globals) != LUA_TNIL && is_of_library(L);
	lua_pop(L, 2);
	return is_it;
}

/* Of what globals are at the top: the part that is Lua's own library. */
static void push_library(lua_State *L, int globals) {
	lua_createtable(L, 0, 32);
	lua_pushnil(L);
	while (lua_next(L, globals) != 0) {
		if (!is_of_library(L)) {
			lua_pop(L, 1);
			continue;
		}
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
}

void apl_lua_open_variables(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	host->done_schema = apl_lua_new_done_schema(&host->alloc);
	if (host->done_schema == NULL) apl_lua_raise_memory(L);
	const apl_chart *chart = host->program.chart;
	for (uint32_t i = 1; i < chart->n_states; i++) {
		const apl_state *state = &chart->states[i];
		if (state->kind == APL_COMPOUND || state->kind == APL_PARALLEL) host->program.events[state->done_event] = host->done_schema;
	}
	int top = lua_gettop(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	lua_getmetatable(L, -1);
	int meta = lua_gettop(L);
	lua_getfield(L, meta, "__index");
	push_library(L, lua_gettop(L));
	lua_pushcclosure(L, index_globals, 2);
	lua_setfield(L, meta, "__index");
	lua_getfield(L, meta, "__newindex");
	lua_pushcclosure(L, assign_global, 1);
	lua_setfield(L, meta, "__newindex");
	lua_settop(L, top);
}

int apl_lua_fill_done(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	lua_settop(L, 1);
	lua_createtable(L, 0, 1);
	lua_pushvalue(L, 1);
	lua_setfield(L, 2, "data");
	lua_pushlightuserdata(L, apl_lua_fill_record(L, host->done_schema, "donedata", 2));
	return 1;
}
