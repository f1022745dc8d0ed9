/* SPDX-License-Identifier: MIT */
/*
 * Decides how lists and maps cross the border. From JSON: a list becomes a
 * table that remembers to be one, so that an empty list stays a list; a map's
 * null is an absent key; a null in a list is refused on reading, for a Lua
 * list cannot hold it. To JSON: a table is a list when its keys are 1 to n, a
 * map when all are texts; anything else is refused with the path of what is
 * wrong. A table that contains itself is found by the bound on depth.
 */

#include "lua/purity.h"
#include "lua/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"

/* ---- tables that are lists ---------------------------------------------------------- */

void apl_lua_mark_list(lua_State *L) {
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_LIST);
	lua_setmetatable(L, -2);
}

static bool is_marked_list(lua_State *L, int index) {
	if (!lua_getmetatable(L, index)) return false;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_LIST);
	bool is_list = lua_rawequal(L, -1, -2) != 0;
	lua_pop(L, 2);
	return is_list;
}

bool apl_lua_is_plain_table(lua_State *L, int index) {
	if (lua_type(L, index) != LUA_TTABLE) return false;
	if (!lua_getmetatable(L, index)) return true;
	lua_pop(L, 1);
	return is_marked_list(L, index);
}

/* ---- from JSON ------------------------------------------------------------------------ */

static void push_list(lua_State *L, const apl_tape *tape, uint32_t cell, bool *had_null) {
	uint32_t count = tape->cells[cell].count;
	apl_lua_create_list(L, (lua_Integer)count);
	apl_lua_mark_list(L);
	uint32_t item = cell + 1;
	for (uint32_t i = 1; i <= count; i++) {
		if (tape->cells[item].kind == APLOMB_NULL)
			apl_lua_refuse(L, "null-in-list", "item %u of a list is null, which a list in Lua cannot hold", (unsigned)i);
		apl_lua_push_cell(L, tape, item, had_null);
		lua_rawseti(L, -2, (lua_Integer)i);
		item = apl_tape_next(tape, item);
	}
}

static void push_map(lua_State *L, const apl_tape *tape, uint32_t cell, bool *had_null) {
	uint32_t count = tape->cells[cell].count;
	lua_createtable(L, 0, count < INT32_MAX ? (int)count : 0);
	uint32_t name = cell + 1;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t value = name + 1;
		apl_lua_push_text(L, tape->cells[name].as.text, tape->cells[name].count);
		if (tape->cells[value].kind == APLOMB_NULL) *had_null = true;
		apl_lua_push_cell(L, tape, value, had_null);
		lua_rawset(L, -3);
		name = apl_tape_next(tape, value);
	}
}

void apl_lua_push_cell(lua_State *L, const apl_tape *tape, uint32_t cell, bool *had_null) {
	const apl_cell *c = &tape->cells[cell];
	luaL_checkstack(L, 8, NULL);
	switch ((aplomb_kind)c->kind) {
	case APLOMB_BOOLEAN: lua_pushboolean(L, c->truth); return;
	case APLOMB_INTEGER: lua_pushinteger(L, c->as.integer); return;
	case APLOMB_NUMBER: lua_pushnumber(L, c->as.number); return;
	case APLOMB_TEXT: apl_lua_push_text(L, c->as.text, c->count); return;
	case APLOMB_LIST: push_list(L, tape, cell, had_null); return;
	case APLOMB_MAP: push_map(L, tape, cell, had_null); return;
	case APLOMB_ABSENT:
	case APLOMB_NULL: break;
	}
	lua_pushnil(L);
}

void apl_lua_push_json(lua_State *L, const char *json, size_t size, bool *had_null) {
	apl_lua *host = apl_lua_of(L);
	aplomb_error error = {0};
	/* It is in the record, so it was within bounds; they may have been others. */
	apl_json_bounds bounds = {APL_LUA_MOST_DEPTH, SIZE_MAX};
	if (apl_json_read(&host->tape, json, size, &bounds, &error) != APLOMB_OK) apl_lua_raise(L, &error);
	apl_lua_charge(L, host->tape.count);
	*had_null = false;
	apl_lua_push_cell(L, &host->tape, 0, had_null);
}

/* ---- to JSON ---------------------------------------------------------------------------- */

/* What the schema expects of the value being written. */
typedef struct shape {
	const apl_schema *schema; /* NULL: nothing is known */
	uint32_t field;
	bool is_list;
} shape;

static const shape unknown_shape = {NULL, 0, false};

static shape shape_of(const apl_schema *schema, uint32_t field) {
	if (schema == NULL || field == APL_NO_FIELD) return unknown_shape;
	uint8_t type = schema->fields[field].type;
	if (type == APL_TYPE_ANY) return unknown_shape;
	return (shape){schema, field, type == APL_TYPE_LIST};
}

static shape shape_of_item(shape s) {
	if (s.schema == NULL || !s.is_list) return unknown_shape;
	return shape_of(s.schema, s.schema->fields[s.field].first_child);
}

static shape shape_of_member(shape s, const char *name, size_t size) {
	if (s.schema == NULL || s.schema->fields[s.field].type != APL_TYPE_FIELDS) return unknown_shape;
	return shape_of(s.schema, apl_schema_member(s.schema, s.field, name, size));
}

static const char *path(apl_lua *host) {
	return apl_buf_terminate(&host->path);
}

static void write_value(lua_State *L, int index, shape s, uint32_t depth);

static void write_text(lua_State *L, const char *text, size_t size) {
	apl_lua *host = apl_lua_of(L);
	if (apl_utf8_valid(text, size) != size) apl_lua_refuse(L, "wrong-text", "%s: the text is not valid UTF-8", path(host));
	apl_json_write_text(&host->json, text, size);
}

static void write_list(lua_State *L, int table, int keys, shape s, uint32_t depth) {
	apl_lua *host = apl_lua_of(L);
	lua_Integer count = (lua_Integer)lua_rawlen(L, keys);
	shape item = shape_of_item(s);
	apl_buf_byte(&host->json, '[');
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, keys, i);
		if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != i) {
			apl_lua_push_as_text(L, lua_gettop(L));
			apl_lua_refuse(L, "wrong-table", "%s: the table is neither a list nor a map: [%lld] is missing and [%s] is there", path(host),
			    (long long)i, lua_tostring(L, -1));
		}
		lua_rawget(L, table);
		if (i > 1) apl_buf_byte(&host->json, ',');
		size_t before = host->path.size;
		apl_buf_format(&host->path, "[%lld]", (long long)i);
		write_value(L, lua_gettop(L), item, depth);
		host->path.size = before;
		lua_pop(L, 1);
	}
	apl_buf_byte(&host->json, ']');
}

static void write_map(lua_State *L, int table, int keys, shape s, uint32_t depth) {
	apl_lua *host = apl_lua_of(L);
	lua_Integer count = (lua_Integer)lua_rawlen(L, keys);
	apl_buf_byte(&host->json, '{');
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, keys, i);
		if (lua_type(L, -1) != LUA_TSTRING) {
			apl_lua_push_as_text(L, lua_gettop(L));
			apl_lua_refuse(
			    L, "wrong-table", "%s: [%s] is no key that JSON can hold; a map's keys are texts", path(host), lua_tostring(L, -1));
		}
		size_t size;
		const char *name = lua_tolstring(L, -1, &size);
		if (i > 1) apl_buf_byte(&host->json, ',');
		size_t before = host->path.size;
		apl_buf_byte(&host->path, '.');
		apl_buf_add(&host->path, name, size < 80 ? size : 80);
		write_text(L, name, size);
		apl_buf_byte(&host->json, ':');
		shape member = shape_of_member(s, name, size);
		lua_rawget(L, table);
		write_value(L, lua_gettop(L), member, depth);
		host->path.size = before;
		lua_pop(L, 1);
	}
	apl_buf_byte(&host->json, '}');
}

static void write_table(lua_State *L, int table, shape s, uint32_t depth) {
	apl_lua *host = apl_lua_of(L);
	lua_pushvalue(L, table);
	table = lua_gettop(L);
	apl_lua_see_through(L, table);
	if (!apl_lua_is_plain_table(L, table)) apl_lua_refuse(L, "wrong-type", "%s: %s is no value", path(host), apl_lua_kind_name(L, table));
	if (depth >= host->depth_limit)
		apl_lua_refuse(
		    L, "limit-depth", "%s: nested more than %u deep; does a table contain itself?", path(host), (unsigned)host->depth_limit);
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	lua_rawgeti(L, keys, 1);
	bool is_list = lua_type(L, -1) == LUA_TNUMBER || (lua_isnil(L, -1) && (s.is_list || is_marked_list(L, table)));
	lua_settop(L, keys);
	if (is_list)
		write_list(L, table, keys, s, depth + 1);
	else
		write_map(L, table, keys, s, depth + 1);
	lua_settop(L, table - 1);
}

/* What a part of the case looks like as a table. */
static void write_proxy(lua_State *L, int index, shape s, uint32_t depth) {
	apl_lua_push_proxy_table(L, index);
	write_table(L, lua_gettop(L), s, depth);
	lua_pop(L, 1);
}

static void write_value(lua_State *L, int index, shape s, uint32_t depth) {
	apl_lua *host = apl_lua_of(L);
	size_t size;
	char money[32];
	luaL_checkstack(L, 8, NULL);
	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN:
		if (lua_toboolean(L, index))
			APL_BUF_LITERAL(&host->json, "true");
		else
			APL_BUF_LITERAL(&host->json, "false");
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, index)) {
			apl_json_write_integer(&host->json, lua_tointeger(L, index));
		} else {
			double number = lua_tonumber(L, index);
			if (!isfinite(number)) apl_lua_refuse(L, "wrong-type", "%s: the number is not finite", path(host));
			apl_json_write_number(&host->json, number == 0 ? 0 : number);
		}
		break;
	case LUA_TSTRING: {
		const char *text = lua_tolstring(L, index, &size);
		write_text(L, text, size);
		break;
	}
	case LUA_TTABLE: write_table(L, index, s, depth); break;
	case LUA_TLIGHTUSERDATA: write_proxy(L, index, s, depth); break;
	default:
		if (apl_lua_to_money(L, index) == NULL && apl_lua_push_referred(L, index)) {
			if (lua_isnil(L, -1))
				APL_BUF_LITERAL(&host->json, "null"); /* what is missing */
			else
				write_value(L, lua_gettop(L), s, depth);
			lua_pop(L, 1);
			break;
		}
		if (apl_lua_to_money(L, index) == NULL)
			apl_lua_refuse(L, "wrong-type", "%s: %s is no value", path(host), apl_lua_kind_name(L, index));
		size = apl_money_write(*apl_lua_to_money(L, index), money);
		apl_json_write_text(&host->json, money, size);
	}
	if (host->json.failed || host->path.failed) apl_lua_raise_memory(L);
	if (host->json.size > host->data_limit)
		apl_lua_breach(L, "limit-data", "%s: the value has more than %zu bytes", path(host), host->data_limit);
}

void apl_lua_write_json(lua_State *L, int index, const char *what, const apl_schema *schema, uint32_t field, bool is_list) {
	apl_lua *host = apl_lua_of(L);
	apl_buf_clear(&host->json);
	apl_buf_clear(&host->path);
	apl_buf_text(&host->path, what);
	shape s = schema != NULL ? shape_of(schema, field) : (shape){NULL, 0, is_list};
	write_value(L, lua_absindex(L, index), s, 0);
}
