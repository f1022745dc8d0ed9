/* SPDX-License-Identifier: MIT */
/*
 * Decides how the types that a playbook names become a schema, and checks the
 * named fields of every word's table against the register. What a default or
 * a bound may be is the schema's to say (data/schema.c).
 */

#include "lua/define.h"
#include "lua/modules.h"
#include "lua/policy.h"
#include "lua/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"

enum { MOST_TYPE_DEPTH = 32, MOST_FIELDS = 16384 };

void apl_declaring_init(apl_declaring *declaring, const apl_alloc *alloc) {
	memset(declaring, 0, sizeof *declaring);
	for (int i = 0; i < 3; i++) {
		apl_tape_init(&declaring->tapes[i], alloc);
		apl_buf_init(&declaring->texts[i], alloc);
	}
}

void apl_declaring_dispose(apl_declaring *declaring) {
	if (declaring->builder != NULL) apl_builder_free(declaring->builder);
	if (declaring->schema_builder != NULL) apl_schema_builder_free(declaring->schema_builder);
	for (int i = 0; i < 3; i++) {
		apl_tape_dispose(&declaring->tapes[i]);
		apl_buf_dispose(&declaring->texts[i]);
	}
}

/* ---- texts ---------------------------------------------------------------------- */

const char *apl_lua_keep_text(lua_State *L, int index, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	size_t size;
	const char *text = lua_tolstring(L, index, &size);
	if (apl_utf8_valid(text, size) != size || memchr(text, '\0', size) != NULL) {
		apl_lua_found(L, place, "bad-text", "a text here is not valid UTF-8, or has a zero byte in it");
		return NULL;
	}
	const char *copy = apl_arena_text(&host->arena, text, size);
	if (copy == NULL) apl_lua_raise_memory(L);
	return copy;
}

/* ---- fields against the register --------------------------------------------------- */

static bool is_list_of(lua_State *L, int index, int type) {
	if (!apl_lua_is_plain_table(L, index)) return false;
	lua_Integer size = (lua_Integer)lua_rawlen(L, index);
	bool all = size > 0;
	for (lua_Integer i = 1; i <= size && all; i++) {
		lua_rawgeti(L, index, i);
		all = lua_type(L, -1) == type && !lua_iscfunction(L, -1);
		lua_pop(L, 1);
	}
	return all;
}

static bool is_list_of_actions(lua_State *L, int index) {
	if (!apl_lua_is_plain_table(L, index)) return false;
	lua_Integer size = (lua_Integer)lua_rawlen(L, index);
	bool all = size > 0;
	for (lua_Integer i = 1; i <= size && all; i++) {
		int type = lua_rawgeti(L, index, i);
		all = type == LUA_TSTRING || (type == LUA_TFUNCTION && !lua_iscfunction(L, -1));
		lua_pop(L, 1);
	}
	return all;
}

static bool is_type_part(lua_State *L, int index) {
	const apl_part *part = apl_lua_to_part(L, index);
	return part != NULL && apl_words[part->word].is_type;
}

/* Nothing but text, numbers, booleans, and lists and maps of such. */
static bool is_plain_value(lua_State *L, unsigned depth) {
	int type = lua_type(L, -1);
	if (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN) return true;
	if (depth > MOST_TYPE_DEPTH || !apl_lua_is_plain_table(L, -1)) return false;
	luaL_checkstack(L, 8, NULL);
	int table = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		if (!is_plain_value(L, depth + 1)) {
			lua_settop(L, table);
			return false;
		}
		lua_pop(L, 1);
	}
	return true;
}

/* The same with what is looked up later among it. */
static bool is_value(lua_State *L, unsigned depth) {
	const apl_part *part = apl_lua_to_part(L, -1);
	if (part != NULL) return part->word == APL_WORD_FROM || part->word == APL_WORD_PHRASE;
	int type = lua_type(L, -1);
	if (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN || apl_lua_to_money(L, -1) != NULL) return true;
	if (depth > MOST_TYPE_DEPTH || !apl_lua_is_plain_table(L, -1)) return false;
	luaL_checkstack(L, 8, NULL);
	int table = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		if ((depth == 0 && lua_type(L, -2) != LUA_TSTRING) || !is_value(L, depth + 1)) {
			lua_settop(L, table);
			return false;
		}
		lua_pop(L, 1);
	}
	return true;
}

/* Names, each with a text or a list of texts. */
static bool is_outcomes(lua_State *L, int table) {
	int top = lua_gettop(L);
	bool all = lua_rawlen(L, table) == 0;
	luaL_checkstack(L, 8, NULL);
	lua_pushnil(L);
	while (all && lua_next(L, table) != 0) {
		all = lua_type(L, -2) == LUA_TSTRING && (lua_type(L, -1) == LUA_TSTRING || is_list_of(L, lua_gettop(L), LUA_TSTRING));
		lua_pop(L, 1);
	}
	lua_settop(L, top);
	return all;
}

static bool is_modules(lua_State *L, int table) {
	lua_Integer size = (lua_Integer)lua_rawlen(L, table);
	bool all = true;
	for (lua_Integer i = 1; i <= size && all; i++) {
		lua_rawgeti(L, table, i);
		all = apl_lua_to_module(L, -1) != NULL;
		lua_pop(L, all ? 2 : 1);
	}
	return all;
}

/* Is the value at the top something that the field takes? */
bool apl_lua_takes(lua_State *L, uint32_t kinds) {
	int top = lua_gettop(L);
	switch (lua_type(L, top)) {
	case LUA_TSTRING: return (kinds & APL_TAKES_TEXT) != 0;
	case LUA_TBOOLEAN: return (kinds & APL_TAKES_BOOLEAN) != 0;
	case LUA_TNUMBER: return (kinds & APL_TAKES_NUMBER) != 0;
	case LUA_TFUNCTION: return (kinds & APL_TAKES_FUNCTION) != 0 && !lua_iscfunction(L, top);
	case LUA_TUSERDATA:
		if ((kinds & APL_TAKES_FROM) != 0 && apl_lua_to_part(L, top) != NULL && apl_lua_to_part(L, top)->word == APL_WORD_FROM) return true;
		return (kinds & APL_TAKES_TYPE) != 0 && is_type_part(L, top);
	case LUA_TTABLE: break;
	default: return false;
	}
	if (!apl_lua_is_plain_table(L, top)) return false;
	if ((kinds & (APL_TAKES_TYPES | APL_TAKES_KINDS | APL_TAKES_WARNINGS)) != 0) return true;
	if ((kinds & APL_TAKES_TABLE) != 0 && is_plain_value(L, 0)) return true;
	if ((kinds & APL_TAKES_VALUES) != 0 && is_value(L, 0)) return true;
	if ((kinds & APL_TAKES_OUTCOMES) != 0 && is_outcomes(L, top)) return true;
	if ((kinds & APL_TAKES_MODULES) != 0 && is_modules(L, top)) return true;
	if ((kinds & APL_TAKES_TEXTS) != 0 && is_list_of(L, top, LUA_TSTRING)) return true;
	if ((kinds & APL_TAKES_STEPS) != 0 && is_list_of(L, top, LUA_TTABLE)) return true;
	if ((kinds & APL_TAKES_ACTIONS) != 0 && is_list_of_actions(L, top)) return true;
	return (kinds & APL_TAKES_START) != 0 && lua_rawlen(L, top) == 0;
}

const char *apl_lua_expected(uint32_t kinds, char *out, size_t size) {
	static const struct {
		uint32_t kind;
		const char *name;
	} names[] = {{APL_TAKES_TEXT, "text"}, {APL_TAKES_FROM, "from \"params.x\""}, {APL_TAKES_NUMBER, "a number"},
	    {APL_TAKES_TEXTS, "a list of texts"}, {APL_TAKES_BOOLEAN, "true or false"}, {APL_TAKES_FUNCTION, "a function of the playbook"},
	    {APL_TAKES_ACTIONS, "a list of such"}, {APL_TAKES_TYPES, "a table of types, such as { name = text {} }"},
	    {APL_TAKES_TYPE, "a type, such as text {}"}, {APL_TAKES_START, "a table such as { to = \"…\", act = … }"},
	    {APL_TAKES_OUTCOMES, "a table such as { accepted = \"resolved\" }"},
	    {APL_TAKES_MODULES, "a list of modules, as require gives them"},
	    {APL_TAKES_KINDS, "a table such as { title = { \"text\", sentence = \"…\" } }"}, {APL_TAKES_TABLE, "a table of nothing but such"},
	    {APL_TAKES_VALUES, "a table of names and values, such as { amount = from \"data.total\" }"},
	    {APL_TAKES_STEPS, "a list of tables, such as { { to = \"lead\", answer_in = \"10m\" } }"},
	    {APL_TAKES_WARNINGS, "a list of fractions and spans, such as { 0.5, \"1h\" }"}};
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if ((kinds & names[i].kind) == 0) continue;
		int added = snprintf(out + at, size - at, "%s%s", at > 0 ? " or " : "", names[i].name);
		if (added < 0 || (size_t)added >= size - at) break;
		at += (size_t)added;
	}
	return out;
}

/* What stands at the top, with a hint for words that were not called. */
const char *apl_lua_found_kind(lua_State *L, char *out, size_t size) {
	int word = apl_lua_to_word(L, -1);
	const apl_part *part = apl_lua_to_part(L, -1);
	const apl_module_word *made_by = apl_lua_to_module_word(L, -1);
	char label[128];
	if (word >= 0)
		snprintf(out, size, "the word %s without its table; write %s", apl_words[word].name, apl_words[word].form);
	else if (part != NULL)
		snprintf(out, size, "%s", apl_words[part->word].form);
	else if (apl_lua_is_made(L, -1))
		snprintf(out, size, apl_lua_is_half_made(L, -1) ? "%s without its table" : "%s",
		    apl_lua_made_label(L, lua_gettop(L), label, sizeof label));
	else if (made_by != NULL)
		snprintf(out, size, "the word %s without its table; write %s", made_by->name, made_by->form);
	else if (lua_iscfunction(L, -1))
		snprintf(out, size, "a function of the library");
	else
		snprintf(out, size, "%s", apl_lua_kind_name(L, -1));
	return out;
}

static void unknown_field(lua_State *L, const apl_word *word, const char *label, const char *name, apl_place place) {
	char hint[128];
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	for (uint32_t i = 0; i < word->n_fields; i++) apl_nearest_try(&nearest, word->fields[i].name);
	apl_lua_found(L, place, "unknown-field", "%s has no field \"%s\"%s", label, name, apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* The key is at the top - 1, the value at the top. */
static void check_field(lua_State *L, const apl_word *word, const char *label, const apl_spot *spot, bool in_candidate) {
	char wanted[256], got[160];
	const char *name = lua_tostring(L, -2);
	const apl_word_field *field = apl_word_field_named(word, name);
	const apl_part *part = apl_lua_to_part(L, -1);
	if (field != NULL && part != NULL && part->stage == APL_PART_WRONG) return; /* as was told where it was called */
	if (field == NULL && word->has_members) {
		if (!apl_lua_takes(L, APL_TAKES_TYPE))
			apl_lua_found(L, apl_lua_place_of_value(L, spot, name), "wrong-kind", "%s: %s must be a type, such as text {}, found %s", label,
			    name, apl_lua_found_kind(L, got, sizeof got));
	} else if (field == NULL) {
		unknown_field(L, word, label, name, apl_lua_place_of_key(L, spot, name));
	} else if (in_candidate && field->is_of_the_word) {
		apl_lua_found(L, apl_lua_place_of_key(L, spot, name), "unknown-field",
		    "%s: \"%s\" stands beside the candidates, not in one of them", label, name);
	} else if (!apl_lua_takes(L, field->takes)) {
		apl_lua_found(L, apl_lua_place_of_value(L, spot, name), "wrong-kind", "%s: %s must be %s, found %s", label, name,
		    apl_lua_expected(field->takes, wanted, sizeof wanted), apl_lua_found_kind(L, got, sizeof got));
	}
}

void apl_lua_check_fields(lua_State *L, int index, const apl_word *word, const char *label, const apl_spot *spot, bool in_candidate) {
	index = lua_absindex(L, index);
	lua_Integer items = (lua_Integer)lua_rawlen(L, index);
	apl_lua_push_keys(L, index);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		lua_pushvalue(L, -1);
		lua_rawget(L, index);
		if (lua_type(L, -2) == LUA_TSTRING) {
			check_field(L, word, label, spot, in_candidate);
		} else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= items) {
			if (word->items == APL_ITEMS_NONE && i == 1) {
				char got[160];
				apl_lua_found(L, apl_lua_place_of_item(L, spot, 1), "unexpected-item",
				    "%s takes named fields only, found %s without a name", label, apl_lua_found_kind(L, got, sizeof got));
			}
		} else {
			apl_place place = spot->place;
			if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) place = apl_lua_place_of_item(L, spot, (uint64_t)lua_tointeger(L, -2));
			apl_lua_push_as_text(L, -2);
			apl_lua_found(L, place, "unknown-field", "%s: [%s] is neither a field nor in a row with the others; does nil stand before it?",
			    label, lua_tostring(L, -1));
		}
		lua_settop(L, keys);
	}
	for (uint32_t i = 0; i < word->n_fields; i++) {
		const apl_word_field *field = &word->fields[i];
		if (!field->is_required) continue;
		lua_pushstring(L, field->name);
		if (lua_rawget(L, index) == LUA_TNIL)
			apl_lua_found(L, spot->place, "missing-field", "%s needs the field \"%s\": %s", label, field->name, field->sentence);
		lua_pop(L, 1);
	}
	lua_settop(L, keys - 1);
}

bool apl_lua_get_field(lua_State *L, int table, const apl_word *word, const char *name) {
	const apl_word_field *field = apl_word_field_named(word, name);
	APL_ASSERT(field != NULL);
	table = lua_absindex(L, table);
	lua_pushstring(L, name);
	return lua_rawget(L, table) != LUA_TNIL && apl_lua_takes(L, field->takes);
}

/* ---- schemas -------------------------------------------------------------------------- */

static bool get_flag(lua_State *L, int table, const apl_word *word, const char *name) {
	bool flag = apl_word_field_named(word, name) != NULL && apl_lua_get_field(L, table, word, name) && lua_toboolean(L, -1);
	lua_settop(L, table);
	return flag;
}

/* The field's value as a tape, or NULL. */
static const apl_tape *get_value(lua_State *L, int table, const apl_word *word, const char *name, int which) {
	apl_lua *host = apl_lua_of(L);
	apl_declaring *d = host->declaring;
	if (apl_word_field_named(word, name) == NULL || !apl_lua_get_field(L, table, word, name)) {
		lua_settop(L, table);
		return NULL;
	}
	apl_lua_write_json(L, -1, name, NULL, 0, word->type == APL_TYPE_LIST);
	lua_settop(L, table);
	apl_buf_clear(&d->texts[which]);
	apl_buf_add(&d->texts[which], host->json.bytes, host->json.size);
	if (d->texts[which].failed) apl_lua_raise_memory(L);
	aplomb_error error = {0};
	apl_json_bounds bounds = {host->depth_limit + 1, host->data_limit + 64};
	if (apl_json_read(&d->tapes[which], d->texts[which].bytes, d->texts[which].size, &bounds, &error) != APLOMB_OK)
		apl_lua_raise(L, &error);
	return &d->tapes[which];
}

/* Of a one_of; the places of each are left beside them. */
static void get_choices(lua_State *L, int table, const apl_spot *spot, apl_field_options *options) {
	apl_lua *host = apl_lua_of(L);
	lua_Integer size = (lua_Integer)lua_rawlen(L, table);
	if (size > APL_LUA_MOST_DECLARED)
		apl_lua_refuse_at(L, spot->place, "limit-declarations", "one_of: %lld choices are more than the %d that one type may have",
		    (long long)size, APL_LUA_MOST_DECLARED);
	const char **choices = apl_arena_take(&host->arena, (size_t)(size + 1) * sizeof *choices);
	apl_place *places = apl_arena_take(&host->arena, (size_t)(size + 1) * sizeof *places);
	if (choices == NULL || places == NULL) apl_lua_raise_memory(L);
	for (lua_Integer i = 1; i <= size; i++) {
		apl_place place = apl_lua_place_of_item(L, spot, (uint64_t)i);
		if (lua_rawgeti(L, table, i) == LUA_TSTRING) {
			const char *text = apl_lua_keep_text(L, -1, place);
			if (text != NULL) {
				places[options->n_choices] = place;
				choices[options->n_choices++] = text;
			}
		} else {
			apl_lua_found(L, place, "wrong-kind", "one_of: choice %lld must be text, found %s", (long long)i, apl_lua_kind_name(L, -1));
		}
		lua_pop(L, 1);
	}
	options->choices = choices;
	options->choice_places = places;
}

static void add_members(lua_State *L, int table, uint32_t parent, const apl_spot *spot, unsigned depth);

/* The type at the top becomes a member of [parent] ([name] NULL: the items of a list). [place]: of its name. */
static void add_type(lua_State *L, uint32_t parent, const char *name, apl_place place, unsigned depth) {
	apl_lua *host = apl_lua_of(L);
	apl_declaring *d = host->declaring;
	const apl_part *part = apl_lua_to_part(L, -1);
	if (part == NULL || part->stage != APL_PART_WHOLE) return; /* a finding tells already */
	const apl_word *word = &apl_words[part->word];
	apl_spot spot = apl_lua_spot_of(L, lua_gettop(L));
	d->place = spot.place;
	if (depth > MOST_TYPE_DEPTH) {
		apl_lua_found(L, spot.place, "limit-depth", "types are nested more than %d deep here", MOST_TYPE_DEPTH);
		return;
	}
	luaL_checkstack(L, 16, NULL);
	lua_getiuservalue(L, -1, APL_PART_TABLE);
	int table = lua_gettop(L);
	char label[128];
	snprintf(label, sizeof label, name != NULL ? "%s \"%.80s\"" : "%s", word->name, name);
	apl_lua_check_fields(L, table, word, label, &spot, false);
	apl_field_options options = {0};
	options.name = name;
	options.type = word->type;
	options.place = place;
	if (apl_word_field_named(word, "meaning") != NULL && apl_lua_get_field(L, table, word, "meaning"))
		options.meaning = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, &spot, "meaning"));
	lua_settop(L, table);
	options.required = get_flag(L, table, word, "required");
	options.personal = get_flag(L, table, word, "personal");
	options.default_tape = get_value(L, table, word, "default", 0);
	options.min_tape = get_value(L, table, word, "min", 1);
	options.max_tape = get_value(L, table, word, "max", 2);
	options.default_place = apl_lua_place_of_value(L, &spot, "default");
	options.min_place = apl_lua_place_of_value(L, &spot, "min");
	options.max_place = apl_lua_place_of_value(L, &spot, "max");
	if (word->type == APL_TYPE_ONE_OF) get_choices(L, table, &spot, &options);
	uint32_t field;
	if (!apl_schema_add(d->schema_builder, parent, &options, &field)) apl_lua_raise_memory(L);
	/* A type may stand in many places, and those in many others: a short file can mean very many fields. */
	if (field > MOST_FIELDS)
		apl_lua_refuse_at(
		    L, spot.place, "limit-fields", "%s: with it there are more than %d fields in one declaration", label, MOST_FIELDS);
	if (word->type == APL_TYPE_FIELDS) add_members(L, table, field, &spot, depth + 1);
	if (word->type == APL_TYPE_LIST && apl_lua_get_field(L, table, word, "of"))
		add_type(L, field, NULL, apl_lua_place_of_value(L, &spot, "of"), depth + 1);
	lua_settop(L, table - 1);
}

typedef struct member {
	uint32_t line;
	uint32_t at;
} member;

static int compare_members(const void *left, const void *right) {
	const member *a = left;
	const member *b = right;
	if (a->line != b->line) return a->line < b->line ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

/* In the order of their lines, for a table does not know in which order it was written; then of their names. */
static void add_members(lua_State *L, int table, uint32_t parent, const apl_spot *spot, unsigned depth) {
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	size_t count = lua_rawlen(L, keys);
	if (count > APL_LUA_MOST_DECLARED)
		apl_lua_refuse_at(
		    L, spot->place, "limit-fields", "%zu fields in one table are more than the %d that may be there", count, APL_LUA_MOST_DECLARED);
	member *members = lua_newuserdatauv(L, (count + 1) * sizeof *members, 0);
	uint32_t n_members = 0;
	for (size_t i = 1; i <= count; i++) {
		if (lua_rawgeti(L, keys, (lua_Integer)i) == LUA_TSTRING) {
			lua_rawget(L, table);
			if (is_type_part(L, lua_gettop(L))) members[n_members++] = (member){apl_lua_to_part(L, -1)->called.line, (uint32_t)i};
		}
		lua_settop(L, keys + 1);
	}
	qsort(members, n_members, sizeof *members, compare_members);
	for (uint32_t i = 0; i < n_members; i++) {
		lua_rawgeti(L, keys, members[i].at);
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		apl_place place = apl_lua_place_of_key(L, spot, lua_tostring(L, -2));
		if (spot->table == APL_NO_SITE) place = apl_lua_place_of(L, lua_gettop(L)); /* the type knows more than the table around it */
		const char *name = apl_lua_keep_text(L, -2, place);
		if (name != NULL) add_type(L, parent, name, place, depth);
		lua_settop(L, keys + 1);
	}
	lua_settop(L, keys - 1);
}

apl_schema *apl_lua_declare_schema(lua_State *L, int index, const char *what, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_declaring *d = host->declaring;
	int top = lua_gettop(L);
	index = lua_absindex(L, index);
	d->schema_builder = apl_schema_builder_new(&host->alloc, what);
	if (d->schema_builder == NULL) apl_lua_raise_memory(L);
	if (lua_type(L, index) == LUA_TTABLE) add_members(L, index, 0, spot, 1);
	if (strcmp(what, "params") == 0) apl_lua_apply_policy(L);
	apl_schema *schema = NULL;
	int code = apl_schema_finish(d->schema_builder, &schema, host->findings);
	apl_schema_builder_free(d->schema_builder);
	d->schema_builder = NULL;
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	lua_settop(L, top);
	return schema;
}
