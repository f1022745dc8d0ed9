/* SPDX-License-Identifier: MIT */
/*
 * Decides what a module may say of its words, and reads it: kinds, fields,
 * items. What a word does when it is called is made.c's.
 */

#include "lua/define.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/where.h"

enum { MOST_FIELDS = 64, MOST_KINDS = 16, LABEL = 128 };

const apl_module_word *apl_lua_module_words(const apl_lua *host, uint32_t *count) {
	*count = host->n_module_words;
	return host->module_words;
}

/* ---- kinds -------------------------------------------------------------------------------- */

static uint32_t takes_of(uint32_t word, const char *field) {
	const apl_word_field *found = apl_word_field_named(&apl_words[word], field);
	APL_ASSERT(found != NULL);
	return found->takes;
}

static const struct {
	const char *name;
	uint32_t takes;
} plain_kinds[] = {{"text", APL_TAKES_TEXT}, {"texts", APL_TAKES_TEXTS}, {"number", APL_TAKES_NUMBER}, {"boolean", APL_TAKES_BOOLEAN},
    {"function", APL_TAKES_FUNCTION}, {"table", APL_TAKES_TABLE}, {"types", APL_TAKES_TYPES}, {"outcomes", APL_TAKES_OUTCOMES}};
enum { PLAIN_KINDS = sizeof plain_kinds / sizeof *plain_kinds };

/* The kind of that name. A name with a dot may be a word's that is defined later. */
static bool find_kind(const char *name, apl_module_kind *out) {
	*out = (apl_module_kind){.of = APL_KIND_TAKES, .name = name};
	for (size_t i = 0; i < PLAIN_KINDS; i++) {
		out->takes = plain_kinds[i].takes;
		if (strcmp(plain_kinds[i].name, name) == 0) return true;
	}
	/* What a guard and an action may be is the core's to say. */
	out->takes = takes_of(APL_WORD_ON, "when");
	if (strcmp(name, "guard") == 0) return true;
	out->takes = takes_of(APL_WORD_ON, "act");
	if (strcmp(name, "action") == 0) return true;
	out->of = APL_KIND_CONDITION;
	out->takes = takes_of(APL_WORD_ON, "when");
	if (strcmp(name, "condition") == 0) return true;
	out->of = APL_KIND_SPAN;
	if (strcmp(name, "span") == 0) return true;
	out->of = APL_KIND_ROTA;
	if (strcmp(name, "rota_id") == 0) return true;
	out->of = APL_KIND_CALENDAR;
	if (strcmp(name, "calendar_id") == 0) return true;
	out->of = APL_KIND_ANY;
	if (strcmp(name, "any") == 0) return true;
	out->of = APL_KIND_WORD;
	for (out->word = 0; out->word < APL_WORDS; out->word++) {
		if (!apl_words[out->word].is_type && strcmp(apl_words[out->word].name, name) == 0) return true;
	}
	out->of = APL_KIND_MADE;
	return strchr(name, '.') != NULL;
}

static void hint_kind(const char *name, char *hint, size_t size) {
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	static const char *const others[] = {"guard", "action", "condition", "span", "rota_id", "calendar_id", "any"};
	for (size_t i = 0; i < PLAIN_KINDS; i++) apl_nearest_try(&nearest, plain_kinds[i].name);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) apl_nearest_try(&nearest, others[i]);
	for (size_t i = 0; i < APL_WORDS; i++) apl_nearest_try(&nearest, apl_words[i].name);
	apl_nearest_hint(&nearest, hint, size);
}

/* ---- a definition --------------------------------------------------------------------------- */

static void *take(lua_State *L, size_t size) {
	void *block = apl_arena_take(&apl_lua_of(L)->arena, size > 0 ? size : 1);
	if (block == NULL) apl_lua_raise_memory(L);
	return block;
}

/* The texts in the list part of the table at the top, or the text at the top, as kinds. */
static const apl_module_kind *read_kinds(lua_State *L, const char *label, const char *what, apl_place place, uint32_t *count) {
	int top = lua_gettop(L);
	bool is_list = lua_type(L, top) == LUA_TTABLE;
	lua_Integer size = is_list ? (lua_Integer)lua_rawlen(L, top) : 1;
	if (size > MOST_KINDS) size = MOST_KINDS;
	apl_module_kind *kinds = take(L, (size_t)size * sizeof *kinds);
	*count = 0;
	for (lua_Integer i = 1; i <= size; i++) {
		char hint[128];
		if (is_list)
			lua_rawgeti(L, top, i);
		else
			lua_pushvalue(L, top);
		const char *name = lua_type(L, -1) == LUA_TSTRING ? apl_lua_keep_text(L, -1, place) : NULL;
		if (name == NULL) {
			apl_lua_found(
			    L, place, "bad-define", "%s: %s: a kind is the text that names it, found %s", label, what, apl_lua_kind_name(L, -1));
		} else if (!find_kind(name, &kinds[*count])) {
			hint_kind(name, hint, sizeof hint);
			apl_lua_found(L, place, "bad-define", "%s: %s: there is no kind \"%.60s\"%s", label, what, name, hint);
		} else {
			++*count;
		}
		lua_settop(L, top);
	}
	if (size == 0) apl_lua_found(L, place, "bad-define", "%s: %s names no kind, such as { \"text\" }", label, what);
	return kinds;
}

/* One of `fields`; its table is at the top. */
static void read_field(lua_State *L, apl_module_field *field, const char *label, const apl_spot *spot, int defaults) {
	int table = lua_gettop(L);
	char what[LABEL];
	snprintf(what, sizeof what, "field \"%.60s\"", field->name);
	field->kinds = read_kinds(L, label, what, spot->place, &field->n_kinds);
	static const char *const known[] = {"required", "sentence", "default"};
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, table + 1, i) != LUA_TNIL; i++) {
		const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
		if (key != NULL && strcmp(key, known[0]) != 0 && strcmp(key, known[1]) != 0 && strcmp(key, known[2]) != 0) {
			char hint[128];
			apl_nearest nearest = apl_nearest_to(key, strlen(key));
			for (int k = 0; k < 3; k++) apl_nearest_try(&nearest, known[k]);
			apl_lua_found(L, apl_lua_place_of_key(L, spot, key), "bad-define", "%s: %s has \"%.60s\", which is not known here%s", label,
			    what, key, apl_nearest_hint(&nearest, hint, sizeof hint));
		}
		lua_pop(L, 1);
	}
	lua_settop(L, table);
	field->is_required = lua_getfield(L, table, "required") == LUA_TBOOLEAN && lua_toboolean(L, -1);
	if (lua_getfield(L, table, "sentence") == LUA_TSTRING)
		field->sentence = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, "sentence"));
	if (field->sentence == NULL) {
		apl_lua_found(L, spot->place, "bad-define", "%s: %s needs a sentence that says what it is for", label, what);
		field->sentence = "";
	}
	lua_pushstring(L, field->name);
	lua_getfield(L, table, "default");
	lua_rawset(L, defaults);
	lua_settop(L, table);
}

/* `fields` of the definition, with their defaults into the table at [defaults]. */
static void read_fields(lua_State *L, apl_module_word *word, int table, const char *label, const apl_spot *spot, int defaults) {
	apl_spot inside = apl_lua_spot_of_key(L, spot, "fields");
	int top = lua_gettop(L);
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_DEFINE], "fields")) {
		lua_settop(L, top);
		return;
	}
	int fields = lua_gettop(L);
	apl_lua_push_keys(L, fields);
	size_t count = lua_rawlen(L, fields + 1);
	if (count > MOST_FIELDS) {
		apl_lua_found(L, inside.place, "bad-define", "%s has more than %d fields", label, MOST_FIELDS);
		count = MOST_FIELDS;
	}
	apl_module_field *all = take(L, count * sizeof *all);
	for (size_t i = 1; i <= count; i++) {
		lua_rawgeti(L, fields + 1, (lua_Integer)i);
		if (lua_type(L, -1) == LUA_TSTRING) {
			apl_module_field *field = &all[word->n_fields];
			apl_spot own = apl_lua_spot_of_key(L, &inside, lua_tostring(L, -1));
			*field = (apl_module_field){.name = apl_lua_keep_text(L, -1, own.place)};
			lua_rawget(L, fields);
			if (field->name != NULL && lua_type(L, -1) == LUA_TTABLE) {
				read_field(L, field, label, &own, defaults);
				word->n_fields++;
			} else if (field->name != NULL) {
				apl_lua_found(L, own.place, "bad-define", "%s: field \"%.60s\" is a table such as { \"text\", sentence = \"…\" }, found %s",
				    label, field->name, apl_lua_kind_name(L, -1));
			}
		} else {
			apl_lua_found(
			    L, inside.place, "bad-define", "%s: fields are named: fields = { title = { \"text\", sentence = \"…\" } }", label);
		}
		lua_settop(L, fields + 1);
	}
	word->fields = all;
	lua_settop(L, top);
}

/* As its name and its fields say. */
static const char *usual_form(lua_State *L, const apl_module_word *word) {
	bool has_table = word->n_fields > 0 || word->n_items > 0 || !word->is_named;
	const char *form = lua_pushfstring(L, "%s%s%s", word->name, word->is_named ? " \"id\"" : "", has_table ? " { … }" : "");
	form = apl_lua_keep_text(L, -1, word->place);
	lua_pop(L, 1);
	return form;
}

/* Names of [a-z][a-z0-9_-]* joined by one dot at least, so that no word of the core is meant. */
static bool is_word_name(const char *name) {
	bool is_first = true, has_dot = false;
	for (; *name != '\0'; name++) {
		bool is_letter = *name >= 'a' && *name <= 'z';
		bool is_inside = is_letter || (*name >= '0' && *name <= '9') || *name == '-' || *name == '_';
		if (is_first ? !is_letter : !(is_inside || *name == '.')) return false;
		is_first = *name == '.';
		has_dot = has_dot || is_first;
	}
	return has_dot && !is_first;
}

/* `asks` of the definition, which is at the top: a text or a list of them. */
static void read_asks(lua_State *L, apl_module_word *word, apl_place place) {
	int top = lua_gettop(L);
	bool is_list = lua_type(L, top) == LUA_TTABLE;
	lua_Integer count = is_list ? (lua_Integer)lua_rawlen(L, top) : 1;
	const char **asks = take(L, (size_t)count * sizeof *asks);
	for (lua_Integer i = 1; i <= count; i++) {
		if (is_list)
			lua_rawgeti(L, top, i);
		else
			lua_pushvalue(L, top);
		const char *name = apl_lua_keep_text(L, -1, place);
		if (name != NULL) asks[word->n_asks++] = name;
		lua_settop(L, top);
	}
	word->asks = asks;
}

int apl_lua_define(lua_State *L, int name, int table, const apl_call *call) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *define = &apl_words[APL_WORD_DEFINE];
	char label[LABEL];
	uint32_t errors_before = host->findings->errors;
	apl_spot spot = apl_lua_table_of_call(L, call);
	apl_place place = apl_lua_names_of_call(L, call).place;
	luaL_checkstack(L, 24, NULL);
	snprintf(label, sizeof label, "define \"%.60s\"", lua_tostring(L, name));
	apl_lua_check_fields(L, table, define, label, &spot, false);
	apl_module_word word = {.place = spot.place};
	word.name = apl_lua_keep_text(L, name, place);
	if (word.name == NULL || !is_word_name(word.name)) {
		apl_lua_found(
		    L, place, "bad-define", "%s: a word of a module is called by the module's name, a dot and its own: \"solutions.menu\"", label);
		apl_lua_push_part(L, APL_WORD_GROUP, APL_PART_WRONG, call);
		return 1;
	}
	word.is_named = apl_lua_get_field(L, table, define, "named") && lua_toboolean(L, -1);
	if (apl_lua_get_field(L, table, define, "sentence"))
		word.sentence = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, &spot, "sentence"));
	if (apl_lua_get_field(L, table, define, "items"))
		word.items = read_kinds(L, label, "items", apl_lua_place_of_value(L, &spot, "items"), &word.n_items);
	if (apl_lua_get_field(L, table, define, "asks")) read_asks(L, &word, apl_lua_place_of_value(L, &spot, "asks"));
	lua_createtable(L, 2, 0);
	int kept = lua_gettop(L);
	lua_createtable(L, 0, 0);
	read_fields(L, &word, table, label, &spot, kept + 1);
	lua_rawseti(L, kept, APL_KEPT_DEFAULTS);
	if (!apl_lua_get_field(L, table, define, "make")) {
		lua_pop(L, 1);
		lua_pushboolean(L, false);
	}
	lua_rawseti(L, kept, APL_KEPT_MAKE);
	if (apl_lua_get_field(L, table, define, "form")) word.form = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, &spot, "form"));
	if (word.form == NULL) word.form = usual_form(L, &word);
	if (word.sentence == NULL) word.sentence = "";
	if (!APL_GROW(&host->alloc, host->module_words, host->n_module_words, host->module_words_capacity)) apl_lua_raise_memory(L);
	word.is_broken = host->findings->errors > errors_before;
	uint32_t number = host->n_module_words++;
	host->module_words[number] = word;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_MAKERS);
	lua_pushvalue(L, kept);
	lua_rawseti(L, -2, (lua_Integer)number + 1);
	apl_lua_push_module_word(L, number);
	return 1;
}
