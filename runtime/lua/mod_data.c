/* SPDX-License-Identifier: MIT */
/*
 * Decides how records look from a playbook: case.data, case.params, event, and
 * every `fields` within. Each is a light userdata that names a node (one
 * `fields` of one schema) and, for events, a generation: nothing is allocated
 * when one is handed out, and an event kept beyond its time is known to be old.
 *
 * A member is found by the address of its name, for Lua keeps one copy of each
 * short text, and ours are kept alive in the registry.
 *
 * Lists and any of the case's data stand in tables from the first touch to the
 * end of the turn; what handlers did to them is written back after each
 * function. Those of events and params are copies for one function.
 */

#include "lua/apart.h"
#include "lua/purity.h"
#include "lua/reference.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#define NODE_MASK ((uintptr_t)APL_LUA_MOST_NODES - 1)

void *apl_lua_proxy(uint64_t generation, uint32_t node) {
	return (void *)((uintptr_t)generation << APL_LUA_NODE_BITS | node);
}

/* ---- members by the address of their names ------------------------------------------------ */

static inline uint32_t slot_hash(const char *key) {
	uintptr_t address = (uintptr_t)key;
	return (uint32_t)(address >> 4) ^ (uint32_t)(address >> 11);
}

static inline const apl_lua_slot *find_slot(const apl_lua_slot *slots, uint32_t mask, const char *key) {
	for (uint32_t at = slot_hash(key);; at++) {
		const apl_lua_slot *slot = &slots[at & mask];
		if (slot->key == key) return slot;
		if (slot->key == NULL) return NULL;
	}
}

static void put_slot(apl_lua_slot *slots, uint32_t mask, apl_lua_slot what) {
	uint32_t at = slot_hash(what.key);
	while (slots[at & mask].key != NULL) at++;
	slots[at & mask] = what;
}

/* At most half full. */
static uint32_t mask_for(uint32_t count) {
	uint32_t size = 4;
	while (size < count * 2) size *= 2;
	return size - 1;
}

/* Lua's own copy of the name, kept alive. */
static const char *keep_name(lua_State *L, const char *name, uint32_t size) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_NAMES);
	lua_pushlstring(L, name, size);
	const char *kept = lua_tostring(L, -1);
	lua_pushboolean(L, true);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	return kept;
}

static uint32_t count_members(const apl_schema *schema, uint32_t field) {
	uint32_t count = 0;
	for (uint32_t i = schema->fields[field].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) count++;
	return count;
}

static bool add_node(lua_State *L, const apl_schema *schema, uint32_t field, apl_lua_source source, uint32_t *out) {
	static const char *const whats[] = {"data", "params", "event"};
	apl_lua *host = apl_lua_of(L);
	if (host->n_nodes >= APL_LUA_MOST_NODES) return false;
	if (!APL_GROW(&host->alloc, host->nodes, host->n_nodes, host->nodes_capacity)) apl_lua_raise_memory(L);
	uint32_t mask = mask_for(count_members(schema, field));
	apl_lua_slot *slots = apl_new(&host->alloc, (mask + 1) * sizeof *slots);
	if (slots == NULL) apl_lua_raise_memory(L);
	uint32_t number = host->n_nodes++;
	host->nodes[number] = (apl_lua_node){schema, field, source, mask, slots, whats[source]};
	luaL_checkstack(L, 8, NULL);
	for (uint32_t i = schema->fields[field].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		const apl_field *member = &schema->fields[i];
		apl_lua_slot slot = {keep_name(L, member->name, member->name_size), i, 0};
		if (member->type == APL_TYPE_FIELDS && !add_node(L, schema, i, source, &slot.node)) return false;
		put_slot(slots, mask, slot);
	}
	*out = number;
	return true;
}

bool apl_lua_add_nodes(lua_State *L, const apl_schema *schema, apl_lua_source source, uint32_t *root) {
	return add_node(L, schema, 0, source, root);
}

void apl_lua_collect_event_names(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count = 0;
	for (uint32_t i = 0; i < host->n_event_schemas; i++) count += count_members(host->event_schemas[i].schema, 0);
	uint32_t mask = mask_for(count);
	apl_lua_slot *slots = apl_arena_take(&host->arena, (mask + 1) * sizeof *slots);
	if (slots == NULL) apl_lua_raise_memory(L);
	memset(slots, 0, (mask + 1) * sizeof *slots);
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const apl_schema *schema = host->event_schemas[i].schema;
		for (uint32_t f = schema->fields[0].first_child; f != APL_NO_FIELD; f = schema->fields[f].next) {
			apl_lua_slot slot = {keep_name(L, schema->fields[f].name, schema->fields[f].name_size), f, 0};
			if (find_slot(slots, mask, slot.key) == NULL) put_slot(slots, mask, slot);
		}
	}
	host->event_names = slots;
	host->event_names_mask = mask;
}

/* ---- the event of the moment ------------------------------------------------------------------ */

void apl_lua_event_changed(apl_lua *host) {
	const apl_step_event *event = host->turn->event;
	const apl_payload *payload = apl_turn_payload(host->turn);
	const apl_program *program = &host->program;
	uint32_t node = event == NULL ? APL_LUA_NO_EVENT_NODE : APL_LUA_FOREIGN_NODE;
	host->event_was = event;
	host->event_number = event != NULL ? event->number : -1;
	host->event_payload = payload;
	host->words[APL_LUA_EVENT] = payload != NULL ? payload->words : NULL;
	host->nodes[APL_LUA_FOREIGN_NODE].schema = payload != NULL ? payload->schema : NULL;
	bool is_own = payload != NULL && payload->schema != NULL && event->number >= 0 && program->events[event->number] == payload->schema;
	if (is_own) node = host->event_nodes[event->number];
	host->event_is_own = is_own && payload->words != NULL;
	host->generation++;
	host->event = apl_lua_proxy(host->generation, node);
}

/* ---- pushing values -------------------------------------------------------------------------------- */

/* A table in the registry, new when it is of another time. */
static void push_cache(lua_State *L, int place, bool is_current) {
	if (is_current) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, place);
		return;
	}
	lua_createtable(L, 0, 1);
	lua_pushvalue(L, -1);
	lua_rawseti(L, LUA_REGISTRYINDEX, place);
}

/* The turn is over: what it had in tables must not weigh on the next one's memory, which is another case's. */
void apl_lua_drop_tables(apl_lua *host) {
	static const int places[] = {APL_REGISTRY_DATA_CACHE, APL_REGISTRY_CALL_CACHE};
	for (size_t i = 0; i < 2; i++) {
		lua_pushnil(host->L);
		lua_rawseti(host->L, LUA_REGISTRYINDEX, places[i]); /* the place is there already, so nothing can fail */
	}
	host->data_cache_turn = host->call_cache_call = 0;
}

static const apl_lua_touched *find_touched(const apl_lua *host, uint32_t field) {
	for (uint32_t i = 0; i < host->n_touched; i++) {
		if (host->touched[i].field == field) return &host->touched[i];
	}
	return NULL;
}

apl_lua_json apl_lua_text_of_field(lua_State *L, const apl_schema *schema, const uint64_t *words, uint32_t field) {
	if (schema->spread == NULL || schema->spread->field != field) {
		const apl_text *text = apl_record_text(words, &schema->fields[field]);
		return (apl_lua_json){text->bytes, text->size};
	}
	apl_buf *whole = &apl_lua_of(L)->whole;
	apl_buf_clear(whole);
	apl_spread_write(whole, schema, words);
	if (whole->failed) apl_lua_raise_memory(L);
	return (apl_lua_json){whole->bytes, whole->size};
}

/* A list or any of the case's own data: the same table throughout the turn. */
static void push_data_value(lua_State *L, const uint64_t *words, uint32_t field) {
	apl_lua *host = apl_lua_of(L);
	push_cache(L, APL_REGISTRY_DATA_CACHE, host->data_cache_turn == host->n_turns);
	host->data_cache_turn = host->n_turns;
	host->are_exposed = true; /* mod_variables.c knows better of the table that it asks for */
	if (find_touched(host, field) == NULL) {
		if (field == host->variables) host->are_assigned = false;
		bool had_null;
		apl_lua_json json = apl_lua_text_of_field(L, host->program.data, words, field);
		apl_lua_push_json(L, json.bytes, json.size, &had_null);
		if (lua_type(L, -1) != LUA_TTABLE) { /* a scalar cannot be changed from inside */
			lua_remove(L, -2);
			return;
		}
		lua_rawseti(L, -2, (lua_Integer)field);
		host->touched[host->n_touched++] = (apl_lua_touched){field, had_null};
	}
	lua_rawgeti(L, -1, (lua_Integer)field);
	lua_remove(L, -2);
}

/* One of an event, the params or the history: a copy for this function, the same whenever it asks. */
void apl_lua_push_copy(lua_State *L, const apl_text *text) {
	apl_lua *host = apl_lua_of(L);
	bool had_null;
	push_cache(L, APL_REGISTRY_CALL_CACHE, host->call_cache_call == host->n_calls);
	host->call_cache_call = host->n_calls;
	if (lua_rawgetp(L, -1, text) == LUA_TNIL) {
		lua_pop(L, 1);
		apl_lua_push_json(L, text->bytes, text->size, &had_null);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, -3, text);
	}
	lua_remove(L, -2);
}

static void push_members(lua_State *L, const apl_lua_node *node, const uint64_t *words, uint32_t fields);

void apl_lua_push_field(lua_State *L, const apl_lua_node *node, const uint64_t *words, uint32_t number) {
	const apl_field *field = &node->schema->fields[number];
	if (field->type == APL_TYPE_FIELDS) { /* of a foreign event: it has no node */
		push_members(L, node, words, number);
		return;
	}
	if (!apl_record_has(words, field)) {
		lua_pushnil(L);
		return;
	}
	switch ((apl_type)field->type) {
	case APL_TYPE_SPAN:
		if (apl_record_span_unit(words, field) != APL_SPAN_CLOCK) {
			/* Its text: what it comes to is for a calendar to say, and nobody can add it to clock time by mistake. */
			char span[APL_SPAN_TEXT];
			lua_pushlstring(L, span, apl_span_write_in(apl_record_integer(words, field), apl_record_span_unit(words, field), span));
			return;
		}
		/* falls through */
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: lua_pushinteger(L, apl_record_integer(words, field)); return;
	case APL_TYPE_BOOLEAN: lua_pushboolean(L, words[field->word] != 0); return;
	case APL_TYPE_NUMBER: lua_pushnumber(L, apl_record_number(words, field)); return;
	case APL_TYPE_TEXT: apl_lua_push_text(L, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size); return;
	case APL_TYPE_ONE_OF: lua_pushstring(L, field->choices[words[field->word]]); return;
	case APL_TYPE_MONEY: apl_lua_push_money(L, apl_record_money(words, field)); return;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
		if (node->source == APL_LUA_DATA)
			push_data_value(L, words, number);
		else
			apl_lua_push_copy(L, apl_record_text(words, field));
		return;
	case APL_TYPE_FIELDS: break;
	}
	APL_ASSERT(false);
}

/* The members that are there, as a table. */
static void push_members(lua_State *L, const apl_lua_node *node, const uint64_t *words, uint32_t fields) {
	const apl_schema *schema = node->schema;
	luaL_checkstack(L, 8, NULL);
	lua_createtable(L, 0, 4);
	for (uint32_t i = schema->fields[fields].first_by_name; i != APL_NO_FIELD; i = schema->fields[i].next_by_name) {
		if (!apl_record_has(words, &schema->fields[i])) continue;
		lua_pushlstring(L, schema->fields[i].name, schema->fields[i].name_size);
		apl_lua_push_field(L, node, words, i);
		lua_rawset(L, -3);
	}
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static bool is_dead(const apl_lua *host, uintptr_t bits) {
	return (bits >> APL_LUA_NODE_BITS) != (host->generation & (UINTPTR_MAX >> APL_LUA_NODE_BITS));
}

/* raises */
__attribute__((noinline, cold)) static void refuse_proxy(lua_State *L, const apl_lua_node *node) {
	if (apl_lua_of(L)->turn == NULL)
		apl_lua_refuse(L, "outside-turn", "%s is there only while a case is handled, not while the playbook is loaded", node->what);
	apl_lua_refuse(L, "dead-event", "this event is over; what a later function needs of it must be written to case.data");
}

/* Whose node, and are its words there? raises when not */
static inline const apl_lua_node *resolve(lua_State *L, const void *proxy, const uint64_t **words) {
	apl_lua *host = apl_lua_of(L);
	uintptr_t bits = (uintptr_t)proxy;
	const apl_lua_node *node = &host->nodes[bits & NODE_MASK];
	if (__builtin_expect(host->turn == NULL || (node->source == APL_LUA_EVENT && is_dead(host, bits)), 0)) refuse_proxy(L, node);
	*words = host->words[node->source];
	return node;
}

/* event.name, event.id, event.by, event.invoke: when no member of its data has that name. */
static bool push_envelope(lua_State *L, const char *key) {
	const apl_lua *host = apl_lua_of(L);
	const apl_step_event *event = host->turn->event;
	const apl_payload *payload = apl_turn_payload(host->turn);
	if (strcmp(key, "name") == 0)
		event != NULL ? (void)lua_pushlstring(L, event->name, event->size) : lua_pushnil(L);
	else if (strcmp(key, "id") == 0)
		lua_pushstring(L, payload != NULL ? payload->id : NULL);
	else if (strcmp(key, "by") == 0)
		lua_pushstring(L, payload != NULL ? payload->by : NULL);
	else if (strcmp(key, "invoke") == 0)
		lua_pushstring(L, payload != NULL ? payload->invoke : NULL);
	else
		return false;
	return true;
}

static int unknown_member(lua_State *L, const apl_lua_node *node, const char *key, size_t size, bool is_event) {
	char hint[160];
	apl_nearest nearest = apl_nearest_to(key, size);
	if (node->schema != NULL) {
		const apl_field *fields = node->schema->fields;
		for (uint32_t i = fields[node->field].first_child; i != APL_NO_FIELD; i = fields[i].next) apl_nearest_try(&nearest, fields[i].name);
	}
	if (is_event) {
		apl_nearest_try(&nearest, "name");
		apl_nearest_try(&nearest, "id");
		apl_nearest_try(&nearest, "by");
		apl_nearest_try(&nearest, "invoke");
	}
	apl_nearest_hint(&nearest, hint, sizeof hint);
	const char *path = node->field != 0 ? node->schema->fields[node->field].path : "";
	return apl_lua_refuse(L, "unknown-field", "%s%s%s has no field \"%.80s\"%s", node->what, path[0] != '\0' ? "." : "", path, key, hint);
}

/* A name that is in no slot: long, of a foreign event, of another event, of the envelope, or wrong. */
static int index_slowly(lua_State *L, const apl_lua_node *node, const uint64_t *words) {
	const apl_lua *host = apl_lua_of(L);
	size_t size;
	if (lua_type(L, 2) != LUA_TSTRING)
		return apl_lua_refuse(L, "unknown-field", "%s has names, and %s is none", node->what, apl_lua_kind_name(L, 2));
	const char *key = lua_tolstring(L, 2, &size);
	apl_lua_charge(L, node->mask / 8); /* all slots are looked through */
	if (node->schema != NULL && words != NULL) {
		uint32_t field = apl_schema_member(node->schema, node->field, key, size);
		if (field != APL_NO_FIELD) {
			const apl_lua_slot *slot = NULL;
			for (uint32_t i = 0; node->slots != NULL && i <= node->mask; i++) {
				if (node->slots[i].key != NULL && node->slots[i].field == field) slot = &node->slots[i];
			}
			if (slot != NULL && slot->node != 0)
				lua_pushlightuserdata(L, apl_lua_proxy(node->source == APL_LUA_EVENT ? host->generation : 0, slot->node));
			else
				apl_lua_push_field(L, node, words, field);
			return 1;
		}
	}
	bool is_event = node->source == APL_LUA_EVENT && node->field == 0;
	if (is_event && push_envelope(L, key)) return 1;
	if (is_event && find_slot(host->event_names, host->event_names_mask, key) != NULL) {
		/* Another event carries it: a handler of several events may ask. */
		lua_pushnil(L);
		return 1;
	}
	return unknown_member(L, node, key, size, is_event);
}

static int index_proxy(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	const uint64_t *words;
	const apl_lua_node *node = resolve(L, lua_touserdata(L, 1), &words);
	const char *key = lua_tostring(L, 2);
	const apl_lua_slot *slot = node->slots != NULL && key != NULL ? find_slot(node->slots, node->mask, key) : NULL;
	if (__builtin_expect(host->apart != NULL, 0)) apl_lua_looked_at_member(L, node, words, key);
	if (__builtin_expect(slot == NULL || words == NULL, 0)) return index_slowly(L, node, words);
	const apl_field *field = &node->schema->fields[slot->field];
	if (field->type == APL_TYPE_INTEGER && apl_record_has(words, field))
		lua_pushinteger(L, apl_record_integer(words, field));
	else if (field->type == APL_TYPE_FIELDS)
		lua_pushlightuserdata(L, apl_lua_proxy(node->source == APL_LUA_EVENT ? host->generation : 0, slot->node));
	else
		apl_lua_push_field(L, node, words, slot->field);
	return 1;
}

/* ---- writing ---------------------------------------------------------------------------------------------- */

static bool is_within(const apl_schema *schema, uint32_t field, uint32_t outer) {
	while (field != APL_NO_FIELD && field != outer) field = schema->fields[field].parent;
	return field == outer;
}

/* The tables of this field are detached: what it holds from now on is what was written. */
void apl_lua_forget_table(apl_lua *host, uint32_t field) {
	const apl_schema *schema = host->program.data;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < host->n_touched; i++) {
		if (!is_within(schema, host->touched[i].field, field)) host->touched[kept++] = host->touched[i];
	}
	host->n_touched = kept;
}

/* By way of JSON, which checks the whole value before anything is changed. */
static int write_as_json(lua_State *L, const apl_writer *writer, uint32_t field, int index, aplomb_error *error) {
	apl_lua *host = apl_lua_of(L);
	char what[128];
	const char *path = writer->schema->fields[field].path;
	snprintf(what, sizeof what, "%s%s%s", writer->what, path[0] != '\0' ? "." : "", path);
	apl_lua_write_json(L, index, what, writer->schema, field, false);
	apl_lua_charge(L, host->json.size / APL_LUA_BYTES_PER_INSTRUCTION);
	apl_json_bounds bounds = {host->depth_limit + 1, SIZE_MAX};
	int code = apl_json_read(&host->tape, host->json.bytes, host->json.size, &bounds, error);
	if (code != APLOMB_OK) return code;
	apl_writer in_microseconds = *writer;
	in_microseconds.times_are_integers = true;
	return apl_record_set(&in_microseconds, field, &host->tape, 0, error);
}

/* A word's value becomes what it stands for. */
static void write_referred(lua_State *L, const apl_writer *writer, uint32_t field, int index) {
	char span[APL_SPAN_TEXT];
	if (writer->schema->fields[field].type == APL_TYPE_SPAN && apl_lua_referred_business(L, index, span)) {
		aplomb_error error;
		if (apl_record_set_text(writer, field, span, strlen(span), &error) != APLOMB_OK) apl_lua_raise(L, &error);
		return;
	}
	char what[128];
	const char *path = writer->schema->fields[field].path;
	snprintf(what, sizeof what, "%s%s%s", writer->what, path[0] != '\0' ? "." : "", path);
	const apl_lua_reference *r = apl_lua_referred(L, index);
	if (r != NULL && r->word == APL_WORD_PHRASE && r->is_personal && !writer->schema->fields[field].personal)
		apl_lua_refuse(
		    L, "phrase-personal", "%s: phrase \"%s\" says something personal, and this field is not marked personal = true", what, r->name);
	if (!apl_lua_push_referred(L, index)) {
		apl_lua_refuse(L, "wrong-type", "%s: %s is no value", what, apl_lua_kind_name(L, index));
	}
	apl_lua_write_field(L, writer, field, lua_gettop(L));
	lua_pop(L, 1);
}

void apl_lua_write_field(lua_State *L, const apl_writer *writer, uint32_t field, int index) {
	aplomb_error error;
	int code;
	size_t size;
	const char *text;
	int type = lua_type(L, index);
	const apl_money *money = apl_lua_to_money(L, index);
	if (type == LUA_TNIL) {
		code = apl_record_clear(writer, field, &error);
	} else if (type == LUA_TUSERDATA && money == NULL) {
		write_referred(L, writer, field, index);
		return;
	} else if (writer->schema->fields[field].type == APL_TYPE_ANY) {
		code = write_as_json(L, writer, field, index, &error);
	} else if (type == LUA_TNUMBER) {
		code = lua_isinteger(L, index) ? apl_record_set_integer(writer, field, lua_tointeger(L, index), &error)
		                               : apl_record_set_number(writer, field, lua_tonumber(L, index), &error);
	} else if (type == LUA_TSTRING) {
		text = lua_tolstring(L, index, &size);
		/* Here the line is known; what assignments as text write is seen at the end of the step. */
		if (__builtin_expect(size > apl_lua_of(L)->data_limit, 0))
			apl_lua_breach(L, "limit-data", "%s.%s: %zu bytes are more than the %zu that one value may have", writer->what,
			    writer->schema->fields[field].path, size, apl_lua_of(L)->data_limit);
		if (size > 256) apl_lua_charge(L, size / APL_LUA_BYTES_PER_INSTRUCTION);
		code = apl_record_set_text(writer, field, text, size, &error);
	} else if (type == LUA_TBOOLEAN) {
		code = apl_record_set_boolean(writer, field, lua_toboolean(L, index) != 0, &error);
	} else if (money != NULL) {
		code = apl_record_set_money(writer, field, *money, &error);
	} else {
		code = write_as_json(L, writer, field, index, &error);
	}
	if (__builtin_expect(code != APLOMB_OK, 0)) apl_lua_raise(L, &error);
}

static int refuse_write(lua_State *L, const apl_lua_node *node) {
	if (node->source != APL_LUA_DATA) return apl_lua_refuse(L, "locked", "%s cannot be changed; only case.data can", node->what);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_lua_refuse_touch(L, "data.%.80s is to be written", key);
}

static int newindex_proxy(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const uint64_t *words;
	const apl_lua_node *node = resolve(L, lua_touserdata(L, 1), &words);
	if (node->source != APL_LUA_DATA || host->phase != APL_LUA_BLOCK) return refuse_write(L, node);
	size_t size;
	const char *key = lua_tolstring(L, 2, &size);
	const apl_lua_slot *slot = key != NULL ? find_slot(node->slots, node->mask, key) : NULL;
	uint32_t number = slot != NULL ? slot->field : APL_NO_FIELD;
	if (slot == NULL && key != NULL) number = apl_schema_member(node->schema, node->field, key, size);
	if (number == APL_NO_FIELD) {
		if (lua_type(L, 2) == LUA_TSTRING) return unknown_member(L, node, key, size, false);
		return apl_lua_refuse(L, "unknown-field", "%s has names, and %s is none", node->what, apl_lua_kind_name(L, 2));
	}
	if (!host->has_writer) {
		host->writer = apl_turn_writer(host->turn);
		host->has_writer = true;
	}
	const apl_field *field = &node->schema->fields[number];
	if (field->type == APL_TYPE_INTEGER && !field->has_min && !field->has_max && field->parent == 0 && lua_isinteger(L, 3)) {
		/* What happens most: a counter. Nothing of this can be refused. */
		host->writer.words[field->word] = (uint64_t)lua_tointeger(L, 3);
		host->writer.words[field->bit >> 6] |= UINT64_C(1) << (field->bit & 63u);
		return 0;
	}
	apl_lua_write_field(L, &host->writer, number, 3);
	if (host->n_touched > 0) apl_lua_forget_table(host, number);
	return 0;
}

/* ---- whole records ------------------------------------------------------------------------------------------ */

/* The nearest name, or, where none is near, which there are. Returns [out]. */
static const char *hint_or_names(const apl_schema *schema, const char *key, size_t key_size, char *out, size_t size) {
	apl_schema_hint(schema, 0, key, key_size, out, size);
	size_t used = 0;
	uint32_t member = schema->fields[0].first_child;
	for (unsigned n = 0; (n > 0 || out[0] == '\0') && member != APL_NO_FIELD && used < size; member = schema->fields[member].next, n++) {
		bool is_enough = n == 12 || size - used < 80;
		int added =
		    snprintf(out + used, size - used, "%s%s", n == 0 ? "; its fields are " : ", ", is_enough ? "…" : schema->fields[member].name);
		used += added > 0 ? (size_t)added : 0;
		if (is_enough) break;
	}
	return out;
}

static void refuse_unknown_keys(lua_State *L, const apl_schema *schema, const char *what, int table) {
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		size_t size;
		char hint[512];
		if (lua_type(L, -1) != LUA_TSTRING) {
			apl_lua_push_as_text(L, lua_gettop(L));
			apl_lua_refuse(L, "unknown-field", "%s: [%s] is no name of a field", what, lua_tostring(L, -1));
		}
		const char *key = lua_tolstring(L, -1, &size);
		if (apl_schema_member(schema, 0, key, size) == APL_NO_FIELD)
			apl_lua_refuse(
			    L, "unknown-field", "%s has no field \"%.80s\"%s", what, key, hint_or_names(schema, key, size, hint, sizeof hint));
		lua_pop(L, 1);
	}
	lua_settop(L, keys - 1);
}

static lua_Integer count_keys(lua_State *L, int table) {
	lua_Integer count = 0;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		count++;
	}
	return count;
}

uint64_t *apl_lua_fill_record(lua_State *L, const apl_schema *schema, const char *what, int index) {
	apl_lua *host = apl_lua_of(L);
	aplomb_error error;
	if (lua_type(L, index) == LUA_TLIGHTUSERDATA) {
		apl_lua_push_proxy_table(L, index);
		lua_replace(L, index);
	}
	apl_lua_see_through(L, index);
	if (!lua_isnoneornil(L, index) && !apl_lua_is_plain_table(L, index))
		apl_lua_refuse(L, "wrong-type", "%s: a table of its fields was expected, found %s", what, apl_lua_kind_name(L, index));
	uint64_t *words = apl_arena_take(host->turn->arena, (schema->n_words + 1) * sizeof *words);
	apl_writer writer = {schema, words, {&host->alloc, host->turn->arena}, what, true};
	if (words == NULL || !apl_record_init(schema, words, writer.keep)) apl_lua_raise_memory(L);
	lua_Integer n_given = 0;
	for (uint32_t i = schema->fields[0].first_by_name; i != APL_NO_FIELD && !lua_isnoneornil(L, index);
	     i = schema->fields[i].next_by_name) {
		lua_pushlstring(L, schema->fields[i].name, schema->fields[i].name_size);
		if (lua_rawget(L, index) != LUA_TNIL) {
			apl_lua_write_field(L, &writer, i, lua_gettop(L));
			n_given++;
		}
		lua_pop(L, 1);
	}
	if (!lua_isnoneornil(L, index) && count_keys(L, index) != n_given) refuse_unknown_keys(L, schema, what, index);
	if (apl_record_check(&writer, &error) != APLOMB_OK) apl_lua_raise(L, &error);
	return words;
}

void apl_lua_push_proxy_table(lua_State *L, int index) {
	const apl_lua *host = apl_lua_of(L);
	const uint64_t *words;
	const apl_lua_node *node = resolve(L, lua_touserdata(L, index), &words);
	if (node->schema == NULL || words == NULL) {
		lua_createtable(L, 0, 0);
		return;
	}
	apl_lua_charge(L, node->mask);
	push_members(L, node, words, node->field);
	/* `fields` within: as proxies, which whoever reads the table knows; of foreign events there are none. */
	for (uint32_t i = 0; node->slots != NULL && i <= node->mask; i++) {
		const apl_lua_slot *slot = &node->slots[i];
		if (slot->key == NULL || slot->node == 0 || !apl_record_has(words, &node->schema->fields[slot->field])) continue;
		lua_pushstring(L, slot->key);
		lua_pushlightuserdata(L, apl_lua_proxy(node->source == APL_LUA_EVENT ? host->generation : 0, slot->node));
		lua_rawset(L, -3);
	}
}

/* upvalues: the proxy, its members' names in order, the place of the last one. */
static int next_member(lua_State *L) {
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
	for (;;) {
		at++;
		if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL) return 1;
		lua_pushvalue(L, -1);
		if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) break;
		lua_pop(L, 2);
	}
	lua_pushinteger(L, at);
	lua_replace(L, lua_upvalueindex(3));
	return 2;
}

int apl_lua_proxy_pairs(lua_State *L) {
	const uint64_t *words;
	const apl_lua_node *node = resolve(L, lua_touserdata(L, 1), &words);
	lua_pushvalue(L, 1);
	lua_createtable(L, 0, 0);
	lua_Integer at = 0;
	if (node->schema != NULL && words != NULL) {
		const apl_field *fields = node->schema->fields;
		for (uint32_t i = fields[node->field].first_by_name; i != APL_NO_FIELD; i = fields[i].next_by_name) {
			if (!apl_record_has(words, &fields[i])) continue;
			lua_pushlstring(L, fields[i].name, fields[i].name_size);
			lua_rawseti(L, -2, ++at);
		}
		apl_lua_charge(L, (uint64_t)at + node->mask / 8);
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_member, 3);
	return 1;
}

/* ---- writing back ---------------------------------------------------------------------------------------------- */

/* Is the table still what the record holds? host->json is what it is now. */
static bool is_unchanged(lua_State *L, apl_lua_touched touched, const char *what) {
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = host->program.data;
	if (!apl_record_has(host->words[APL_LUA_DATA], &schema->fields[touched.field])) return false;
	apl_lua_json text = apl_lua_text_of_field(L, schema, host->words[APL_LUA_DATA], touched.field);
	if (!touched.had_null) return host->json.size == text.size && memcmp(host->json.bytes, text.bytes, text.size) == 0;
	/* The table never showed the nulls, so compare with what it looked like at first. */
	bool had_null;
	lua_pushlstring(L, host->json.bytes, host->json.size);
	apl_lua_push_json(L, text.bytes, text.size, &had_null);
	apl_lua_write_json(L, -1, what, schema, touched.field, false);
	lua_pop(L, 1);
	lua_pushlstring(L, host->json.bytes, host->json.size);
	bool is_same = lua_rawequal(L, -1, -2) != 0;
	apl_buf_clear(&host->json);
	size_t size;
	const char *now = lua_tolstring(L, -2, &size);
	apl_buf_add(&host->json, now, size);
	if (host->json.failed) apl_lua_raise_memory(L);
	lua_pop(L, 2);
	return is_same;
}

int apl_lua_write_back(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = host->program.data;
	for (uint32_t i = 0; i < host->n_touched; i++) {
		apl_lua_touched touched = host->touched[i];
		const apl_field *field = &schema->fields[touched.field];
		char what[128];
		aplomb_error error;
		snprintf(what, sizeof what, "data.%s", field->path);
		lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_DATA_CACHE);
		lua_rawgeti(L, -1, (lua_Integer)touched.field);
		apl_lua_write_json(L, -1, what, schema, touched.field, false);
		if (!is_unchanged(L, touched, what)) {
			if (host->phase != APL_LUA_BLOCK) return apl_lua_refuse_touch(L, "%s is to be changed", what);
			apl_writer writer = apl_turn_writer(host->turn);
			writer.times_are_integers = true;
			apl_json_bounds bounds = {host->depth_limit + 1, SIZE_MAX};
			int code = apl_json_read(&host->tape, host->json.bytes, host->json.size, &bounds, &error);
			if (code == APLOMB_OK) code = apl_record_set(&writer, touched.field, &host->tape, 0, &error);
			if (code != APLOMB_OK) return apl_lua_raise(L, &error);
			host->touched[i].had_null = false;
		}
		if (touched.field == host->variables) host->are_assigned = false;
		lua_settop(L, 0);
	}
	return 0;
}

void apl_lua_open_data(lua_State *L) {
	static const apl_lua_entry entries[] = {{"__index", index_proxy}, {"__newindex", newindex_proxy}};
	lua_pushlightuserdata(L, NULL);
	lua_createtable(L, 0, 2);
	APL_LUA_PUT(L, entries);
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}
