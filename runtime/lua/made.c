/* SPDX-License-Identifier: MIT */
/*
 * Decides what a word of a module does when it is called. The call is checked
 * against what `define` was told, with the caller's place; only what is right
 * reaches the module's own function. What that makes is a node, a group, an
 * action, or a value that only another word of a module has a use for.
 */

#include "lua/define.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/modules.h"
#include "lua/where.h"
#include "time/shown.h"

enum { MOST_MAKING = 64, LABEL = 128 };

static const char METATABLE[] = "made";

typedef enum made_stage { MADE_HALF, MADE_WHOLE } made_stage;

/* A value of a module's word: a userdata with two user values. */
typedef struct made {
	uint32_t word; /* in host->module_words */
	apl_call call;
	made_stage stage;
} made;
enum { MADE_NAME = 1, MADE_VALUE = 2 };

static int call_module_word(lua_State *L);

static const made *to_made(lua_State *L, int index) {
	return lua_type(L, index) == LUA_TUSERDATA ? luaL_testudata(L, index, METATABLE) : NULL;
}

bool apl_lua_is_made(lua_State *L, int index) {
	return to_made(L, index) != NULL;
}

static const char *label_of(lua_State *L, const apl_module_word *word, int name, char *out, size_t size) {
	if (name != 0 && lua_type(L, name) == LUA_TSTRING)
		snprintf(out, size, "%s \"%.60s\"", word->name, lua_tostring(L, name));
	else
		snprintf(out, size, "%s", word->name);
	return out;
}

const char *apl_lua_made_label(lua_State *L, int index, char *out, size_t size) {
	const made *value = to_made(L, index);
	APL_ASSERT(value != NULL);
	lua_getiuservalue(L, index, MADE_NAME);
	label_of(L, &apl_lua_of(L)->module_words[value->word], lua_gettop(L), out, size);
	lua_pop(L, 1);
	return out;
}

const apl_module_word *apl_lua_to_module_word(lua_State *L, int index) {
	if (lua_tocfunction(L, index) != call_module_word || lua_getupvalue(L, index, 1) == NULL) return NULL;
	const apl_module_word *word = &apl_lua_of(L)->module_words[lua_tointeger(L, -1)];
	lua_pop(L, 1);
	return word;
}

bool apl_lua_is_half_made(lua_State *L, int index) {
	const made *value = to_made(L, index);
	return value != NULL && value->stage == MADE_HALF;
}

/* ---- kinds of values ----------------------------------------------------------------------------- */

/* Is the value at the top a span as text? A text that is none is told as what it is. */
static bool is_span(lua_State *L, const char *label, const char *what, apl_place place, bool *has_told) {
	if (lua_type(L, -1) == LUA_TFUNCTION) return !lua_iscfunction(L, -1);
	const apl_part *part = apl_lua_to_part(L, -1);
	if (part != NULL) return part->word == APL_WORD_FROM && part->stage == APL_PART_WHOLE;
	if (lua_type(L, -1) != LUA_TSTRING) return false;
	char where[LABEL + 64];
	size_t size;
	aplomb_span span;
	apl_span_unit unit;
	aplomb_error error = {0};
	const char *text = lua_tolstring(L, -1, &size);
	if (apl_span_read_any(text, size, &span, &unit, &error) == APLOMB_OK) return true;
	snprintf(where, sizeof where, "%s: %s", label, what);
	apl_lua_found(L, place, error.slug, "%s: %s", where, error.message);
	*has_told = true;
	return false;
}

/* Is the value at the top of that kind? */
static bool is_of_kind(lua_State *L, const apl_module_kind *kind, const char *label, const char *what, apl_place place, bool *has_told) {
	const apl_part *part = apl_lua_to_part(L, -1);
	const made *value = to_made(L, -1);
	switch (kind->of) {
	case APL_KIND_TAKES:
	case APL_KIND_CONDITION: return apl_lua_takes(L, kind->takes);
	case APL_KIND_SPAN: return is_span(L, label, what, place, has_told);
	case APL_KIND_ROTA:
	case APL_KIND_CALENDAR: return lua_type(L, -1) == LUA_TSTRING;
	case APL_KIND_WORD: return part != NULL && part->word == kind->word && part->stage == APL_PART_WHOLE;
	case APL_KIND_MADE:
		return value != NULL && value->stage == MADE_WHOLE && strcmp(apl_lua_of(L)->module_words[value->word].name, kind->name) == 0;
	case APL_KIND_ANY: return true;
	}
	return false;
}

/* The name at the top is looked up when everything is declared. One in a call within another's is told at that one, whose author knows it.
 */
static void note_given(lua_State *L, const apl_module_kind *kind, const char *label, const char *what, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	if (kind->of != APL_KIND_ROTA && kind->of != APL_KIND_CALENDAR) return;
	if (host->n_making > 0) place = host->making[0].place;
	const char *name = apl_lua_keep_text(L, -1, place);
	lua_pushfstring(L, "%s: %s", label, what);
	const char *whose = apl_lua_keep_text(L, -1, place);
	lua_pop(L, 1);
	if (name == NULL || whose == NULL) return; /* a finding tells */
	if (!APL_GROW(&host->alloc, host->given, host->n_given, host->given_capacity)) apl_lua_raise_memory(L);
	host->given[host->n_given++] = (apl_lua_given){whose, name, place, kind->of == APL_KIND_CALENDAR};
}

bool apl_lua_is_given(const apl_lua *host, const char *name, bool is_calendar) {
	for (uint32_t i = 0; i < host->n_given; i++) {
		if (host->given[i].is_calendar == is_calendar && strcmp(host->given[i].name, name) == 0) return true;
	}
	return false;
}

void apl_lua_check_names_given(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_given; i++) {
		const apl_lua_given *given = &host->given[i];
		const char *what = given->is_calendar ? "calendar" : "rota";
		char hint[160], shown[APL_SHOWN];
		apl_nearest nearest = apl_nearest_to(given->name, strlen(given->name));
		bool is_there = false;
		for (uint32_t k = 0; k < (given->is_calendar ? host->n_calendars : host->n_rotas); k++) {
			const char *name = given->is_calendar ? host->calendars[k].name : host->rotas[k].name;
			is_there = is_there || strcmp(name, given->name) == 0;
			apl_nearest_try(&nearest, name);
		}
		if (!is_there)
			apl_lua_found(L, given->place, given->is_calendar ? "unknown-calendar" : "unknown-rota", "%s: there is no %s \"%s\"%s",
			    given->what, what, apl_shown(given->name, strlen(given->name), shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	}
}

/* Is it something that was told to be wrong where it was called? */
static bool is_told(lua_State *L) {
	const apl_part *part = apl_lua_to_part(L, -1);
	return part != NULL && part->stage == APL_PART_WRONG;
}

static void list_kinds(const apl_lua *host, const apl_module_kind *kinds, uint32_t count, char *out, size_t size) {
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t i = 0; i < count && used < size; i++) {
		char text[256];
		const char *name = kinds[i].name;
		switch (kinds[i].of) {
		case APL_KIND_TAKES:
		case APL_KIND_CONDITION: name = apl_lua_expected(kinds[i].takes, text, sizeof text); break;
		case APL_KIND_SPAN: name = "a span, such as \"2h\""; break;
		case APL_KIND_ROTA: name = "the name of a rota"; break;
		case APL_KIND_CALENDAR: name = "the name of a calendar"; break;
		case APL_KIND_WORD: name = apl_words[kinds[i].word].form; break;
		case APL_KIND_MADE:
			for (uint32_t w = 0; w < host->n_module_words; w++) {
				if (strcmp(host->module_words[w].name, kinds[i].name) == 0) name = host->module_words[w].form;
			}
			break;
		case APL_KIND_ANY: name = "anything"; break;
		}
		int added = snprintf(out + used, size - used, "%s%s", used > 0 ? " or " : "", name);
		used += added > 0 ? (size_t)added : 0;
	}
}

/* The value at the top against the kinds; tells when it is none of them. */
static void check_value(lua_State *L, const apl_module_kind *kinds, uint32_t count, const char *label, const char *what, apl_place place) {
	char wanted[512], got[160];
	bool has_told = is_told(L);
	for (uint32_t i = 0; i < count && !has_told; i++) {
		if (!is_of_kind(L, &kinds[i], label, what, place, &has_told)) continue;
		note_given(L, &kinds[i], label, what, place);
		return;
	}
	if (has_told) return;
	list_kinds(apl_lua_of(L), kinds, count, wanted, sizeof wanted);
	apl_lua_found(L, place, "wrong-kind", "%s: %s must be %s, found %s", label, what, wanted, apl_lua_found_kind(L, got, sizeof got));
}

/* ---- a call, checked ------------------------------------------------------------------------ */

static const apl_module_field *field_named(const apl_module_word *word, const char *name) {
	for (uint32_t i = 0; i < word->n_fields; i++) {
		if (strcmp(word->fields[i].name, name) == 0) return &word->fields[i];
	}
	return NULL;
}

/* The name is at the top - 1, the value at the top. */
static void check_field(lua_State *L, const apl_module_word *word, const char *label, const apl_spot *spot) {
	const char *name = lua_tostring(L, -2);
	const apl_module_field *field = field_named(word, name);
	if (field != NULL) {
		check_value(L, field->kinds, field->n_kinds, label, name, apl_lua_place_of_value(L, spot, name));
		return;
	}
	char hint[128];
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	for (uint32_t i = 0; i < word->n_fields; i++) apl_nearest_try(&nearest, word->fields[i].name);
	apl_lua_found(L, apl_lua_place_of_key(L, spot, name), "unknown-field", "%s has no field \"%s\"%s", label, name,
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

static void check_item(lua_State *L, const apl_module_word *word, lua_Integer number, const char *label, const apl_spot *spot) {
	apl_place place = apl_lua_place_of_item(L, spot, (uint64_t)number);
	char what[32], got[160];
	snprintf(what, sizeof what, "item %lld", (long long)number);
	if (word->n_items > 0)
		check_value(L, word->items, word->n_items, label, what, place);
	else if (number == 1)
		apl_lua_found(L, place, "unexpected-item", "%s takes named fields only, found %s without a name", label,
		    apl_lua_found_kind(L, got, sizeof got));
}

/* The table at [table] of a call; true when nothing is wrong with it. */
static bool check_table(lua_State *L, const apl_module_word *word, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t before = host->findings->errors;
	bool is_right = true;
	lua_Integer count = (lua_Integer)lua_rawlen(L, table);
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		is_right = is_right && !is_told(L);
		if (lua_type(L, -2) == LUA_TSTRING) {
			check_field(L, word, label, spot);
		} else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= count) {
			check_item(L, word, lua_tointeger(L, -2), label, spot);
		} else {
			apl_lua_push_as_text(L, -2);
			apl_lua_found(L, spot->place, "unknown-field",
			    "%s: [%s] is neither a field nor in a row with the others; does nil stand before it?", label, lua_tostring(L, -1));
		}
		lua_settop(L, keys);
	}
	for (uint32_t i = 0; i < word->n_fields; i++) {
		if (!word->fields[i].is_required) continue;
		lua_pushstring(L, word->fields[i].name);
		if (lua_rawget(L, table) == LUA_TNIL)
			apl_lua_found(
			    L, spot->place, "missing-field", "%s needs the field \"%s\": %s", label, word->fields[i].name, word->fields[i].sentence);
		lua_pop(L, 1);
	}
	lua_settop(L, keys - 1);
	return is_right && host->findings->errors == before;
}

/* ---- what is made ----------------------------------------------------------------------------- */

static made *push_made(lua_State *L, uint32_t word, made_stage stage, const apl_call *call) {
	made *value = lua_newuserdatauv(L, sizeof *value, 2);
	*value = (made){word, *call, stage};
	luaL_setmetatable(L, METATABLE);
	return value;
}

/* What stands for a value that is known to be wrong, so that one mistake does not hide the next. */
static int push_wrong(lua_State *L, const apl_call *call) {
	apl_lua_push_part(L, APL_WORD_GROUP, APL_PART_WRONG, call);
	return 1;
}

/* The value at the top is what the module makes of it where it was asked for: unwrapped. */
static void unwrap(lua_State *L) {
	if (to_made(L, -1) == NULL) return;
	lua_getiuservalue(L, -1, MADE_VALUE);
	lua_remove(L, -2);
}

/* Does the module want a function of the text that the field was given? */
static bool wants_function(const apl_module_field *field) {
	for (uint32_t i = 0; i < field->n_kinds; i++) {
		if (field->kinds[i].of == APL_KIND_CONDITION) return true;
	}
	return false;
}

/* Pushes the fields that were given, or their defaults, and the items. */
static void push_given(lua_State *L, const apl_module_word *word, int kept, int table, const char *label, const apl_spot *spot) {
	lua_rawgeti(L, kept, APL_KEPT_DEFAULTS);
	int defaults = lua_gettop(L);
	lua_createtable(L, 0, (int)word->n_fields);
	for (uint32_t i = 0; i < word->n_fields; i++) {
		lua_pushstring(L, word->fields[i].name);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, table) == LUA_TNIL) {
			lua_pop(L, 1);
			lua_pushvalue(L, -1);
			lua_rawget(L, defaults);
		}
		unwrap(L);
		if (lua_type(L, -1) == LUA_TSTRING && wants_function(&word->fields[i])) {
			apl_lua_push_condition(L, -1, label, word->fields[i].name, spot);
			lua_remove(L, -2);
		}
		lua_rawset(L, defaults + 1);
	}
	lua_Integer count = (lua_Integer)lua_rawlen(L, table);
	lua_createtable(L, (int)count, 0);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, table, i);
		unwrap(L);
		lua_rawseti(L, defaults + 2, i);
	}
	lua_remove(L, defaults);
}

/* Without a function of its own a word's value is what it was given: its fields, its name as `id`, its items. */
static void make_plainly(lua_State *L, int name, int fields) {
	if (name != 0) {
		lua_pushvalue(L, name);
		lua_setfield(L, fields, "id");
	}
	lua_Integer count = (lua_Integer)lua_rawlen(L, fields + 1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, fields + 1, i);
		lua_rawseti(L, fields, i);
	}
	lua_settop(L, fields);
}

/* The word asks for effects: when everything is declared, they are looked up. A call within another's belongs to that one's module. */
static void note_asked(lua_State *L, uint32_t number, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	if (host->module_words[number].n_asks == 0) return;
	if (host->n_making > 0) place = host->making[0].place;
	if (!APL_GROW(&host->alloc, host->asked, host->n_asked, host->asked_capacity)) apl_lua_raise_memory(L);
	host->asked[host->n_asked++] = (apl_lua_making){number, place};
}

void apl_lua_check_effects_asked(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_asked; i++) {
		const apl_module_word *word = &host->module_words[host->asked[i].word];
		for (uint32_t n = 0; n < word->n_asks; n++) {
			uint32_t at = 0;
			while (at < host->n_effects && strcmp(host->effects[at].name, word->asks[n]) != 0) at++;
			if (at < host->n_effects) continue;
			apl_lua_found(L, host->asked[i].place, "unknown-effect",
			    "%s asks for the effect \"%s\", which is not declared; name its module in uses = { … }", word->name, word->asks[n]);
		}
	}
}

/* Which effect the event tells of: behind its prefix; or NULL. */
static const char *effect_told_by(const apl_lua_event *event) {
	static const char prefix[] = "done.effect.";
	return strncmp(event->name, prefix, sizeof prefix - 1) == 0 ? event->name + sizeof prefix - 1 : NULL;
}

void apl_lua_check_outcomes(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const char *kind = effect_told_by(&host->event_schemas[i]);
		if (kind == NULL) continue;
		apl_nearest nearest = apl_nearest_to(kind, strlen(kind));
		uint32_t at = 0;
		for (; at < host->n_effects && strcmp(host->effects[at].name, kind) != 0; at++) apl_nearest_try(&nearest, host->effects[at].name);
		char hint[128];
		if (at == host->n_effects)
			apl_lua_found(L, host->event_schemas[i].place, "unknown-effect", "event \"%.80s\": no effect \"%.60s\" is declared%s",
			    host->event_schemas[i].name, kind, apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	for (uint32_t i = 0; i < host->n_effects; i++) {
		const apl_effect_kind *effect = &host->effects[i];
		if (!effect->once) continue;
		uint32_t at = 0;
		for (const char *kind = NULL; at < host->n_event_schemas; at++)
			if ((kind = effect_told_by(&host->event_schemas[at])) != NULL && strcmp(kind, effect->name) == 0) break;
		if (at == host->n_event_schemas)
			apl_lua_found(L, effect->place, "once-unheard",
			    "effect \"%.60s\" must not be done twice, and nothing says what happens when nobody knows whether it was done: declare "
			    "event \"done.effect.%.60s\" and take \"error.effect.%.60s\"",
			    effect->name, effect->name, effect->name);
	}
}

static void begin_making(lua_State *L, uint32_t number, const apl_call *call) {
	apl_lua *host = apl_lua_of(L);
	if (host->n_making == MOST_MAKING)
		apl_lua_refuse(L, "limit-depth", "words of modules are made of one another more than %d deep here", MOST_MAKING);
	if (host->making == NULL) {
		host->making = apl_arena_take(&host->arena, MOST_MAKING * sizeof *host->making);
		if (host->making == NULL) apl_lua_raise_memory(L);
	}
	host->making[host->n_making++] = (apl_lua_making){number, apl_lua_place_of_call(L, call)};
}

void apl_lua_tell_makers(apl_lua *host) {
	for (uint32_t i = host->n_making; i > 0; i--) {
		const apl_lua_making *making = &host->making[i - 1];
		apl_found(host->findings, APLOMB_ERROR, "module-failed", making->place, "%s is made here, and its module has a mistake",
		    host->module_words[making->word].name);
	}
	host->n_making = 0;
}

/* (…, what make returned from [first] on) → the word's value. */
static int take_made(lua_State *L, uint32_t number, int name, int first, const char *label, const apl_call *call) {
	apl_lua *host = apl_lua_of(L);
	const apl_module_word *word = &host->module_words[number];
	apl_place place = apl_lua_place_of_call(L, call);
	if (lua_gettop(L) < first) lua_pushnil(L);
	const apl_part *part = apl_lua_to_part(L, first);
	if (part != NULL) {
		if (part->stage == APL_PART_HALF) {
			char found[96];
			apl_lua_found(
			    L, place, "bad-maker", "%s: its module made %s without its table", label, apl_lua_label(L, first, found, sizeof found));
			return push_wrong(L, call);
		}
		/* The node stands where the word was called: that is the line its author knows. */
		apl_lua_push_part_like(L, first, call);
		return 1;
	}
	if (lua_type(L, first) == LUA_TFUNCTION) {
		lua_settop(L, first);
		return 1;
	}
	if (lua_isnil(L, first)) {
		const char *reason = lua_type(L, first + 1) == LUA_TSTRING ? lua_tostring(L, first + 1) : NULL;
		if (reason != NULL)
			apl_lua_found(L, place, "module-refuses", "%s: %s", label, reason);
		else
			apl_lua_found(L, place, "bad-maker", "%s: its module's function, in %s:%u, returned nothing", label, word->place.file,
			    (unsigned)word->place.line);
		return push_wrong(L, call);
	}
	push_made(L, number, MADE_WHOLE, call);
	if (name != 0) {
		lua_pushvalue(L, name);
		lua_setiuservalue(L, -2, MADE_NAME);
	}
	lua_pushvalue(L, first);
	unwrap(L);
	lua_setiuservalue(L, -2, MADE_VALUE);
	return 1;
}

/* The value at the top as JSON in the host's arena, when it is a scalar; or NULL. */
static const char *scalar_at_top(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	int type = lua_type(L, -1);
	if (type != LUA_TBOOLEAN && type != LUA_TNUMBER && type != LUA_TSTRING) return NULL;
	apl_buf_clear(&host->json);
	size_t size;
	if (type == LUA_TBOOLEAN) {
		apl_buf_text(&host->json, lua_toboolean(L, -1) ? "true" : "false");
	} else if (type == LUA_TSTRING) {
		const char *text = lua_tolstring(L, -1, &size);
		apl_json_write_text(&host->json, text, size);
	} else if (lua_isinteger(L, -1)) {
		apl_buf_integer(&host->json, lua_tointeger(L, -1));
	} else {
		apl_json_write_number(&host->json, lua_tonumber(L, -1));
	}
	const char *json = host->json.failed ? NULL : apl_arena_text(&host->arena, host->json.bytes, host->json.size);
	if (json == NULL) apl_lua_raise_memory(L);
	return json;
}

/* Who asks why an option is closed asks for it by its id: what was given is kept, when a condition is among it. */
static void note_made(lua_State *L, uint32_t number, int name, int fields, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	const apl_module_word *word = &host->module_words[number];
	bool takes_condition = false;
	for (uint32_t i = 0; i < word->n_fields; i++) takes_condition = takes_condition || wants_function(&word->fields[i]);
	if (!takes_condition) return;
	size_t size;
	const char *id = lua_tolstring(L, name, &size);
	apl_lua_made_field *kept = apl_arena_take(&host->arena, (word->n_fields + 1) * sizeof *kept);
	apl_lua_made whole = {.word = number, .id = apl_arena_text(&host->arena, id, size), .place = place, .fields = kept};
	if (kept == NULL || whole.id == NULL) apl_lua_raise_memory(L);
	for (uint32_t i = 0; i < word->n_fields; i++) {
		lua_pushstring(L, word->fields[i].name);
		if (lua_rawget(L, fields) != LUA_TNIL) {
			apl_lua_made_field *field = &kept[whole.n_fields++];
			*field = (apl_lua_made_field){.name = word->fields[i].name, .condition = apl_lua_condition_at(L, -1)};
			if (field->condition == UINT32_MAX) {
				field->json = scalar_at_top(L);
			} else if (apl_lua_push_condition_text(L, -1)) {
				field->json = scalar_at_top(L);
				lua_pop(L, 1);
			}
		}
		lua_pop(L, 1);
	}
	if (!APL_GROW(&host->alloc, host->made, host->n_made, host->made_capacity)) apl_lua_raise_memory(L);
	host->made[host->n_made++] = whole;
}

/* The call is complete: checks it, and lets the module make its value. [table] 0: there is none. */
static int make(lua_State *L, uint32_t number, int name, int table, const apl_call *call) {
	apl_lua *host = apl_lua_of(L);
	char label[LABEL];
	apl_spot spot = apl_lua_table_of_call(L, call);
	label_of(L, &host->module_words[number], name, label, sizeof label);
	luaL_checkstack(L, 24, NULL);
	if (table == 0) {
		lua_createtable(L, 0, 0);
		table = lua_gettop(L);
	}
	if (host->module_words[number].is_broken) return push_wrong(L, call);
	if (!check_table(L, &host->module_words[number], table, label, &spot)) return push_wrong(L, call);
	note_asked(L, number, apl_lua_place_of_call(L, call));
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_MAKERS);
	lua_rawgeti(L, -1, (lua_Integer)number + 1);
	int kept = lua_gettop(L);
	push_given(L, &host->module_words[number], kept, table, label, &spot); /* fields items */
	if (name != 0) note_made(L, number, name, kept + 1, apl_lua_place_of_call(L, call));
	if (lua_rawgeti(L, kept, APL_KEPT_MAKE) != LUA_TFUNCTION) {
		lua_pop(L, 1);
		make_plainly(L, name, kept + 1);
		return take_made(L, number, name, kept + 1, label, call);
	}
	if (name != 0)
		lua_pushvalue(L, name);
	else
		lua_pushnil(L);
	lua_pushvalue(L, kept + 1);
	lua_pushvalue(L, kept + 2);
	begin_making(L, number, call);
	lua_call(L, 3, LUA_MULTRET);
	host->n_making--;
	return take_made(L, number, name, kept + 3, label, call);
}

/* The call of the word: in a file it goes by the last part of its name. */
static apl_call find_call(lua_State *L, const apl_module_word *word, bool is_second, int name, int table) {
	const char *dot = strrchr(word->name, '.');
	return apl_lua_find_call(L, dot != NULL ? dot + 1 : word->name, is_second, name, table);
}

/* upvalue: the word's number. */
static int call_module_word(lua_State *L) {
	uint32_t number = (uint32_t)lua_tointeger(L, lua_upvalueindex(1));
	apl_lua *host = apl_lua_of(L);
	const apl_module_word *word = &host->module_words[number];
	if (host->phase != APL_LUA_LOADING)
		return apl_lua_refuse(L, "outside-load",
		    "%s says what the playbook is, once, while it is loaded; a function that runs later cannot use it", word->name);
	int count = lua_gettop(L);
	apl_call here = find_call(L, word, false, 1, count == 0 || lua_type(L, count) != LUA_TTABLE ? 0 : count);
	const apl_call *call = &here;
	bool has_table = word->n_fields > 0 || word->n_items > 0 || !word->is_named;
	if (!word->is_named && count == 1 && apl_lua_is_plain_table(L, 1)) return make(L, number, 0, 1, call);
	if (word->is_named && count >= 1 && lua_type(L, 1) == LUA_TSTRING) {
		if (count == 1 && !has_table) return make(L, number, 1, 0, call);
		if (count == 2 && has_table && apl_lua_is_plain_table(L, 2)) return make(L, number, 1, 2, call);
		if (count == 1) {
			push_made(L, number, MADE_HALF, call);
			lua_pushvalue(L, 1);
			lua_setiuservalue(L, -2, MADE_NAME);
			return 1;
		}
	}
	char got[160];
	if (count > 0) lua_settop(L, 1);
	apl_lua_found(L, apl_lua_place_of_call(L, call), "word-call", "%s is written %s; it was called with %s", word->name, word->form,
	    count == 0 ? "nothing" : apl_lua_found_kind(L, got, sizeof got));
	return push_wrong(L, call);
}

void apl_lua_push_module_word(lua_State *L, uint32_t number) {
	lua_pushinteger(L, number);
	lua_pushcclosure(L, call_module_word, 1);
}

/* solutions.menu "id" is half of it; its table is the rest. */
static int call_made(lua_State *L) {
	const made *value = to_made(L, 1);
	APL_ASSERT(value != NULL);
	apl_lua *host = apl_lua_of(L);
	char label[LABEL], got[160];
	if (host->phase != APL_LUA_LOADING) return apl_lua_refuse(L, "outside-load", "a word's value cannot be called");
	if (value->stage == MADE_HALF && lua_gettop(L) == 2 && apl_lua_is_plain_table(L, 2)) {
		lua_getiuservalue(L, 1, MADE_NAME);
		apl_call call = find_call(L, &host->module_words[value->word], true, 3, 2);
		return make(L, value->word, 3, 2, call.site != APL_NO_SITE ? &call : &value->call);
	}
	int count = lua_gettop(L);
	lua_getiuservalue(L, 1, MADE_NAME);
	apl_call here = find_call(L, &host->module_words[value->word], true, value->stage == MADE_HALF ? count + 1 : 0, 0);
	const apl_call *call = &here;
	apl_place place = apl_lua_arguments_of_call(L, call).place;
	lua_settop(L, count);
	const char *found = lua_gettop(L) < 2 ? "nothing" : apl_lua_found_kind(L, got, sizeof got);
	apl_lua_made_label(L, 1, label, sizeof label);
	if (value->stage == MADE_HALF)
		apl_lua_found(
		    L, place, "word-call", "%s is written %s; behind the name stands %s", label, host->module_words[value->word].form, found);
	else
		apl_lua_found(L, place, "word-call", "%s is complete, but %s follows it; is a comma missing?", label, found);
	return push_wrong(L, call);
}

static int index_made(lua_State *L) {
	char label[LABEL];
	return apl_lua_refuse(L, "word-value", "%s is a value to be put into a table; it cannot be looked into or changed",
	    apl_lua_made_label(L, 1, label, sizeof label));
}

/* ---- described ------------------------------------------------------------------------------------ */

/*
 * described(value): what a word's value says, for a function that makes more of
 * it: { word =, name =, fields = }; of a condition its text, { word = "condition",
 * name = }. Anything else is nil.
 */
static int described(lua_State *L) {
	luaL_checkany(L, 1);
	if (apl_lua_of(L)->phase != APL_LUA_LOADING)
		return apl_lua_refuse(L, "outside-load", "described looks at words' values, and only while a playbook is loaded");
	const apl_part *part = apl_lua_to_part(L, 1);
	lua_settop(L, 1);
	if (apl_lua_push_condition_text(L, 1)) {
		lua_createtable(L, 0, 2);
		lua_pushliteral(L, "condition");
		lua_setfield(L, 3, "word");
		lua_pushvalue(L, 2);
		lua_setfield(L, 3, "name");
		return 1;
	}
	if (part == NULL || part->stage != APL_PART_WHOLE) {
		lua_pushnil(L);
		return 1;
	}
	lua_createtable(L, 0, 3);
	lua_pushstring(L, apl_words[part->word].name);
	lua_setfield(L, 2, "word");
	lua_getiuservalue(L, 1, APL_PART_NAME);
	lua_setfield(L, 2, "name");
	lua_createtable(L, 0, 4);
	if (lua_getiuservalue(L, 1, APL_PART_TABLE) == LUA_TTABLE) {
		lua_pushnil(L);
		while (lua_next(L, 4) != 0) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_rawset(L, 3);
		}
	}
	lua_settop(L, 3);
	lua_setfield(L, 2, "fields");
	return 1;
}

void apl_lua_open_define(lua_State *L) {
	static const apl_lua_entry entries[] = {{"__call", call_made}, {"__index", index_made}, {"__newindex", index_made}};
	static const apl_lua_entry functions[] = {{"described", described}};
	luaL_newmetatable(L, METATABLE);
	APL_LUA_PUT(L, entries);
	lua_pop(L, 1);
	APL_LUA_PUT(L, functions);
}
