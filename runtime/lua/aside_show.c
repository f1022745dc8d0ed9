/* SPDX-License-Identifier: MIT */
/*
 * Decides how a value looks to whoever asked for it: as Lua would write it,
 * keys in the one order there is, money, spans and instants as playbooks write
 * them, and not longer than somebody wants to read. The same writer makes the
 * literal, which Lua reads back to an equal value.
 */

#include "lua/aside.h"

#include <math.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/lexer.h"
#include "lua/modules.h"
#include "lua/purity.h"
#include "lua/reference.h"
#include "time/instant.h"

/* Deeper than anybody reads; a table that contains itself ends here, too. */
enum { MOST_DEPTH = 20 };

/* ---- single values ------------------------------------------------------------------- */

/* A long text is cut at a character's edge; a cut is told once. */
static void add(apl_shower *s, const char *bytes, size_t size) {
	if (s->is_cut) return;
	size_t room = s->most > s->out->size ? s->most - s->out->size : 0;
	if (size > room) {
		s->is_cut = true;
		while (room > 0 && ((unsigned char)bytes[room] & 0xC0u) == 0x80u) room--;
		apl_buf_add(s->out, bytes, room);
		if (s->for_people) APL_BUF_LITERAL(s->out, "…");
		return;
	}
	apl_buf_add(s->out, bytes, size);
}

static void add_text(apl_shower *s, const char *text) {
	add(s, text, strlen(text));
}

static void show_integer(apl_shower *s, int64_t integer) {
	char digits[APL_INTEGER_SIZE + 1];
	if (integer == INT64_MIN) { /* its digits alone would be a float */
		add_text(s, "math.mininteger");
		return;
	}
	add(s, digits, (size_t)(apl_put_integer(digits, integer) - digits));
}

static void show_number(apl_shower *s, double number) {
	if (isnan(number)) {
		s->is_lacking = true;
		add_text(s, "nan");
		return;
	}
	if (isinf(number)) {
		add_text(s, number > 0 ? "math.huge" : "-math.huge");
		return;
	}
	size_t before = s->out->size;
	bool has_room = !s->is_cut && s->most - before > 32;
	if (!has_room) {
		s->is_cut = true;
		return;
	}
	if (number == 0 && signbit(number)) {
		add_text(s, "-0.0"); /* which JSON's writer does not know */
		return;
	}
	apl_json_write_number(s->out, number);
}

/* One byte of a text that cannot stand there as it is; 0: the whole character can. */
static size_t escape(char out[8], const char *text, size_t at, size_t valid) {
	static const char *const names = "n\nt\tr\r\"\"\\\\";
	unsigned char c = (unsigned char)text[at];
	for (const char *name = names; *name != '\0'; name += 2) {
		if ((unsigned char)name[1] != c) continue;
		out[0] = '\\';
		out[1] = name[0];
		return 2;
	}
	if (at < valid && c >= 0x20 && c != 0x7f) return 0;
	static const char digits[] = "0123456789abcdef";
	memcpy(out, "\\x", 2);
	out[2] = digits[c >> 4];
	out[3] = digits[c & 15u];
	return 4;
}

static void show_text(apl_shower *s, const char *text, size_t size) {
	size_t valid = 0;
	add(s, "\"", 1);
	for (size_t at = 0; at < size && !s->is_cut;) {
		char escaped[8];
		if (at >= valid) valid = at + apl_utf8_valid(text + at, size - at);
		size_t escaped_size = escape(escaped, text, at, valid);
		if (escaped_size > 0) {
			add(s, escaped, escaped_size);
			at++;
			continue;
		}
		size_t from = at;
		while (at < valid && escape(escaped, text, at, valid) == 0) at++;
		add(s, text + from, at - from);
	}
	add(s, "\"", 1);
}

static void show_money(apl_shower *s, apl_money money, bool is_alone) {
	char text[32];
	size_t size = apl_money_write(money, text);
	if (!s->for_people) add_text(s, "money ");
	if (s->for_people && is_alone)
		add(s, text, size);
	else
		show_text(s, text, size);
}

static void show_written(apl_shower *s, const apl_guard_value *value, bool is_alone) {
	if (!s->for_people) {
		show_integer(s, value->as.integer);
		return;
	}
	apl_buf *out = s->out;
	if (s->is_cut || s->most - out->size < 64) {
		s->is_cut = true;
		return;
	}
	if (!is_alone) apl_buf_byte(out, '"');
	apl_guard_show(out, value);
	if (!is_alone) apl_buf_byte(out, '"');
}

static void show_alone(apl_shower *s, const apl_guard_value *value, bool is_alone) {
	switch ((apl_type)value->type) {
	case APL_TYPE_INTEGER: show_integer(s, value->as.integer); return;
	case APL_TYPE_NUMBER: show_number(s, value->as.number); return;
	case APL_TYPE_BOOLEAN: add_text(s, value->as.truth ? "true" : "false"); return;
	case APL_TYPE_MONEY: show_money(s, value->as.money, is_alone); return;
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN: show_written(s, value, is_alone); return;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: show_text(s, value->as.text.bytes, value->as.text.size); return;
	}
}

void apl_lua_show_value(apl_shower *shower, const apl_guard_value *value) {
	show_alone(shower, value, true);
}

void apl_lua_write_value(apl_buf *out, const apl_guard_value *value) {
	switch ((apl_type)value->type) {
	case APL_TYPE_INTEGER: apl_json_write_integer(out, value->as.integer); return;
	case APL_TYPE_NUMBER: apl_json_write_number(out, value->as.number); return;
	case APL_TYPE_BOOLEAN: apl_buf_text(out, value->as.truth ? "true" : "false"); return;
	case APL_TYPE_MONEY:
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN:
		apl_buf_byte(out, '"');
		apl_guard_show(out, value);
		apl_buf_byte(out, '"');
		return;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: apl_json_write_text(out, value->as.text.bytes, value->as.text.size); return;
	}
}

/* ---- tables and records -------------------------------------------------------------------- */

static void show(lua_State *L, apl_shower *s, int index, uint32_t depth, bool is_alone);

/* `name = ` where Lua lets a name stand so, else `["na me"] = `. */
static void show_key(apl_shower *s, const char *name, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, name, size);
	apl_token token = apl_lexer_next(&lexer);
	if (token.kind == APL_TOKEN_NAME && token.size == size) {
		add(s, name, size);
	} else {
		add(s, "[", 1);
		show_text(s, name, size);
		add(s, "]", 1);
	}
	add(s, " = ", 3);
}

static void show_table(lua_State *L, apl_shower *s, int table, uint32_t depth) {
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	lua_Integer count = (lua_Integer)lua_rawlen(L, keys), next = 1;
	add(s, count > 0 ? "{ " : "{", count > 0 ? 2 : 1);
	for (lua_Integer i = 1; i <= count && !s->is_cut; i++) {
		if (i > 1) add(s, ", ", 2);
		lua_rawgeti(L, keys, i);
		if (lua_isinteger(L, -1) && lua_tointeger(L, -1) == next) {
			next++;
		} else if (lua_type(L, -1) == LUA_TSTRING) {
			size_t size;
			const char *name = lua_tolstring(L, -1, &size);
			show_key(s, name, size);
		} else {
			add(s, "[", 1);
			show(L, s, lua_gettop(L), depth + 1, false);
			add(s, "] = ", 4);
		}
		lua_rawget(L, table);
		show(L, s, lua_gettop(L), depth + 1, false);
		lua_settop(L, keys);
	}
	add(s, count > 0 ? " }" : "}", count > 0 ? 2 : 1);
	lua_settop(L, keys - 1);
}

bool apl_lua_record_at(lua_State *L, int index, const apl_schema **schema, const uint64_t **words, uint32_t *field) {
	const apl_lua *host = apl_lua_of(L);
	if (lua_type(L, index) != LUA_TLIGHTUSERDATA) return false;
	const apl_lua_node *node = &host->nodes[(uintptr_t)lua_touserdata(L, index) & ((uintptr_t)APL_LUA_MOST_NODES - 1)];
	if (node->schema == NULL || host->words[node->source] == NULL) return false;
	*schema = node->schema;
	*words = host->words[node->source];
	*field = node->field;
	return true;
}

static void show_json(lua_State *L, apl_shower *s, apl_lua_json json, uint32_t depth) {
	bool had_null;
	luaL_checkstack(L, 8, NULL);
	apl_lua_push_json(L, json.bytes, json.size, &had_null);
	show(L, s, lua_gettop(L), depth, false);
	lua_pop(L, 1);
}

static void show_field(lua_State *L, apl_shower *s, const apl_schema *schema, const uint64_t *words, uint32_t number, uint32_t depth) {
	const apl_field *field = &schema->fields[number];
	apl_guard_value value = {.type = field->type, .is_there = true};
	switch ((apl_type)field->type) {
	case APL_TYPE_SPAN:
		value.unit = (uint8_t)apl_record_span_unit(words, field);
		value.as.integer = apl_record_integer(words, field);
		break;
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: value.as.integer = apl_record_integer(words, field); break;
	case APL_TYPE_NUMBER: value.as.number = apl_record_number(words, field); break;
	case APL_TYPE_BOOLEAN: value.as.truth = words[field->word] != 0; break;
	case APL_TYPE_MONEY: value.as.money = apl_record_money(words, field); break;
	case APL_TYPE_ONE_OF:
		value.as.text.bytes = field->choices[words[field->word]];
		value.as.text.size = (uint32_t)strlen(value.as.text.bytes);
		break;
	case APL_TYPE_TEXT:
		value.as.text.bytes = apl_record_text(words, field)->bytes;
		value.as.text.size = apl_record_text(words, field)->size;
		break;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: show_json(L, s, apl_lua_text_of_field(L, schema, words, number), depth); return;
	}
	show_alone(s, &value, false);
}

/* What is there of the record's `fields`, by the order of their names. */
static void show_record(lua_State *L, apl_shower *s, const apl_schema *schema, const uint64_t *words, uint32_t fields, uint32_t depth) {
	bool any = false;
	apl_lua_charge(L, 1);
	for (uint32_t i = schema->fields[fields].first_by_name; i != APL_NO_FIELD && !s->is_cut; i = schema->fields[i].next_by_name) {
		const apl_field *field = &schema->fields[i];
		if (!apl_record_has(words, field)) continue;
		add(s, any ? ", " : "{ ", 2);
		any = true;
		show_key(s, field->name, field->name_size);
		if (field->type == APL_TYPE_FIELDS)
			show_record(L, s, schema, words, i, depth + 1);
		else
			show_field(L, s, schema, words, i, depth + 1);
	}
	add(s, any ? " }" : "{}", 2);
}

/* What has no literal is named. */
static void name_it(apl_shower *s, const char *what) {
	s->is_lacking = true;
	add_text(s, what);
}

static void show_any_table(lua_State *L, apl_shower *s, int index, uint32_t depth) {
	const apl_lua *host = apl_lua_of(L);
	lua_pushvalue(L, index);
	int table = lua_gettop(L);
	const char *module = apl_lua_to_module(L, table);
	lua_settop(L, table);
	if (module != NULL) {
		name_it(s, "module ");
		show_text(s, module, strlen(module));
	} else if (lua_topointer(L, table) == host->case_pointer) {
		name_it(s, "the case");
	} else {
		apl_lua_see_through(L, table);
		if (!apl_lua_is_plain_table(L, table))
			name_it(s, "a library");
		else if (depth > MOST_DEPTH)
			name_it(s, "{…}");
		else
			show_table(L, s, table, depth);
	}
	lua_settop(L, table - 1);
}

static void show_reference(lua_State *L, apl_shower *s, int index, uint32_t depth) {
	if (depth > MOST_DEPTH || !apl_lua_push_referred(L, index)) {
		name_it(s, "a word's value");
		return;
	}
	show(L, s, lua_gettop(L), depth + 1, false);
	lua_pop(L, 1);
}

static void show(lua_State *L, apl_shower *s, int index, uint32_t depth, bool is_alone) {
	const apl_schema *schema;
	const uint64_t *words;
	uint32_t field;
	size_t size;
	if (s->is_cut) return;
	luaL_checkstack(L, 12, NULL);
	switch (lua_type(L, index)) {
	case LUA_TNIL: add_text(s, "nil"); break;
	case LUA_TBOOLEAN: add_text(s, lua_toboolean(L, index) ? "true" : "false"); break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, index))
			show_integer(s, lua_tointeger(L, index));
		else
			show_number(s, lua_tonumber(L, index));
		break;
	case LUA_TSTRING: {
		const char *text = lua_tolstring(L, index, &size);
		apl_lua_charge(L, size / APL_LUA_BYTES_PER_INSTRUCTION);
		show_text(s, text, size);
		break;
	}
	case LUA_TLIGHTUSERDATA:
		if (apl_lua_record_at(L, index, &schema, &words, &field))
			show_record(L, s, schema, words, field, depth);
		else
			add_text(s, "{}");
		break;
	case LUA_TTABLE: show_any_table(L, s, index, depth); break;
	case LUA_TUSERDATA:
		if (apl_lua_to_money(L, index) != NULL)
			show_money(s, *apl_lua_to_money(L, index), is_alone);
		else
			show_reference(L, s, index, depth);
		break;
	default: name_it(s, apl_lua_kind_name(L, index)); break;
	}
	if (s->out->failed) apl_lua_raise_memory(L);
}

void apl_lua_show(lua_State *L, apl_shower *shower, int index) {
	show(L, shower, lua_absindex(L, index), 0, true);
}
