/* SPDX-License-Identifier: MIT */
/*
 * Decides what a word does when it is called: it makes a value that remembers
 * the word, its line, its name and its table, and nothing runs. What is wrong
 * with the call becomes a finding and a value that is known to be wrong, so
 * that one mistake does not hide the next.
 */

#include "lua/define.h"
#include "lua/files.h"
#include "lua/reference.h"
#include "lua/where.h"
#include "lua/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

static const char METATABLE[] = "part";

const apl_part *apl_lua_to_part(lua_State *L, int index) {
	return lua_type(L, index) == LUA_TUSERDATA ? luaL_testudata(L, index, METATABLE) : NULL;
}

void apl_lua_found(lua_State *L, apl_place place, const char *slug, const char *format, ...) {
	va_list args;
	va_start(args, format);
	apl_vfound(apl_lua_of(L)->findings, APLOMB_ERROR, slug, place, format, args);
	va_end(args);
}

void apl_lua_remarked(lua_State *L, aplomb_severity severity, apl_place place, const char *slug, const char *format, ...) {
	va_list args;
	va_start(args, format);
	apl_vfound(apl_lua_of(L)->findings, severity, slug, place, format, args);
	va_end(args);
}

bool apl_lua_has_calendar(const apl_lua *host) {
	return host->program.calendar != APL_NONE || host->program.calendar_handler != APL_NO_HANDLER;
}

void apl_lua_found_uncounted(lua_State *L, apl_place place, const char *label, const char *text) {
	const apl_lua *host = apl_lua_of(L);
	if (host->n_calendars == 0)
		apl_lua_found(L, place, "no-calendar",
		    "%s: \"%s\" is business time, and the playbook has no calendar to count it by; declare calendar \"id\" { zone = …, week = … }",
		    label, text);
	else
		apl_lua_found(L, place, "no-calendar",
		    "%s: \"%s\" is business time, and the playbook has more than one calendar; say which counts it: calendar = \"%s\"", label, text,
		    host->calendars[0].name);
}

bool apl_lua_read_span(lua_State *L, const char *text, size_t size, const char *label, apl_place place, bool is_counted, aplomb_span *out,
    apl_span_unit *unit) {
	aplomb_error error = {0};
	if (apl_span_read_any(text, size, out, unit, &error) != APLOMB_OK) {
		apl_lua_found(L, place, error.slug, "%s: %s", label, error.message);
		return false;
	}
	if (*unit == APL_SPAN_CLOCK || is_counted || apl_lua_has_calendar(apl_lua_of(L))) return true;
	apl_lua_found_uncounted(L, place, label, text);
	return false;
}

const char *apl_lua_label(lua_State *L, int part_index, char *out, size_t size) {
	const apl_part *part = apl_lua_to_part(L, part_index);
	APL_ASSERT(part != NULL);
	const char *word = apl_words[part->word].name;
	int type = lua_getiuservalue(L, part_index, APL_PART_NAME);
	if (type == LUA_TTABLE) lua_rawgeti(L, -1, 1), lua_remove(L, -2);
	if (lua_type(L, -1) == LUA_TSTRING)
		snprintf(out, size, type == LUA_TTABLE ? "%s { \"%.60s\", … }" : "%s \"%.60s\"", word, lua_tostring(L, -1));
	else
		snprintf(out, size, "%s", word);
	lua_pop(L, 1);
	return out;
}

apl_part *apl_lua_push_part(lua_State *L, uint8_t word, apl_part_stage stage, const apl_call *call) {
	apl_part *part = lua_newuserdatauv(L, sizeof *part, 2);
	*part = (apl_part){word, (uint8_t)stage, *call, *call, 0};
	luaL_setmetatable(L, METATABLE);
	return part;
}

void apl_lua_push_part_like(lua_State *L, int index, const apl_call *call) {
	const apl_part *part = apl_lua_to_part(L, index);
	index = lua_absindex(L, index);
	apl_lua_push_part(L, part->word, (apl_part_stage)part->stage, &part->made)->called = *call;
	for (int i = APL_PART_NAME; i <= APL_PART_TABLE; i++) {
		lua_getiuservalue(L, index, i);
		lua_setiuservalue(L, -2, i);
	}
}

/* ---- the calls ----------------------------------------------------------------- */

static bool is_name(lua_State *L, int index, const apl_word *word) {
	switch (lua_type(L, index)) {
	case LUA_TSTRING: return (word->names & APL_TAKES_TEXT) != 0;
	case LUA_TTABLE: return (word->names & APL_TAKES_TEXTS) != 0;
	case LUA_TFUNCTION: return (word->names & APL_TAKES_FUNCTION) != 0 && !lua_iscfunction(L, index);
	case LUA_TUSERDATA: {
		const apl_part *part = apl_lua_to_part(L, index);
		return (word->names & APL_TAKES_FUNCTION) != 0 && part != NULL && part->word == APL_WORD_FROM;
	}
	default: return false;
	}
}

static int wrong_call(lua_State *L, uint8_t number) {
	const apl_word *word = &apl_words[number];
	apl_call call = apl_lua_find_call(L, word->name, false, 1, 0);
	const char *found = lua_gettop(L) == 0 ? "nothing" : apl_lua_kind_name(L, 1);
	apl_lua_found(
	    L, apl_lua_place_of_call(L, &call), "word-call", "%s is written %s; it was called with %s", word->name, word->form, found);
	apl_lua_push_part(L, number, APL_PART_WRONG, &call);
	return 1;
}

static int call_with_actions(lua_State *L, uint8_t number) {
	int count = lua_gettop(L);
	bool all_actions = count > 0;
	apl_call call = apl_lua_find_call(L, apl_words[number].name, false, 1, 0);
	apl_spot spot = apl_lua_arguments_of_call(L, &call);
	lua_createtable(L, count, 0);
	lua_insert(L, 1);
	for (int i = count; i >= 1; i--) {
		const apl_part *part = apl_lua_to_part(L, -1);
		if (part != NULL && part->stage == APL_PART_WRONG) {
			all_actions = false; /* as was told where it was called */
		} else if (lua_type(L, -1) != LUA_TSTRING && (lua_type(L, -1) != LUA_TFUNCTION || lua_iscfunction(L, -1))) {
			char got[160];
			apl_lua_found(L, apl_lua_place_of_item(L, &spot, (uint64_t)i), "wrong-kind",
			    "%s: action %d must be text or a function of the playbook, found %s", apl_words[number].name, i,
			    apl_lua_found_kind(L, got, sizeof got));
			all_actions = false;
		}
		lua_rawseti(L, 1, i);
	}
	if (count == 0)
		apl_lua_found(L, apl_lua_place_of_call(L, &call), "word-call", "%s is written %s; it was called with nothing",
		    apl_words[number].name, apl_words[number].form);
	apl_lua_push_part(L, number, all_actions ? APL_PART_WHOLE : APL_PART_WRONG, &call);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, APL_PART_TABLE);
	return 1;
}

/* The table at [index] completes the part that is named by the value at [name] (0: none). */
static int complete(lua_State *L, uint8_t number, const apl_call *call, int name, int index) {
	if (number == APL_WORD_DEFINE) return apl_lua_define(L, name, index, call);
	apl_lua_push_part(L, number, APL_PART_WHOLE, call);
	if (name != 0) {
		lua_pushvalue(L, name);
		lua_setiuservalue(L, -2, APL_PART_NAME);
	}
	lua_pushvalue(L, index);
	lua_setiuservalue(L, -2, APL_PART_TABLE);
	return 1;
}

/* upvalue: the word's number. */
static int call_word(lua_State *L) {
	uint8_t number = (uint8_t)lua_tointeger(L, lua_upvalueindex(1));
	const apl_word *word = &apl_words[number];
	if (apl_lua_of(L)->phase != APL_LUA_LOADING)
		return apl_lua_refuse(L, "outside-load",
		    "%s says what the playbook is, once, while it is loaded; a function that runs later cannot use it", word->name);
	int count = lua_gettop(L);
	apl_call call;
	switch (word->shape) {
	case APL_SHAPE_ACTIONS: return call_with_actions(L, number);
	case APL_SHAPE_TABLE:
		if (count != 1 || !apl_lua_is_plain_table(L, 1)) break;
		call = apl_lua_find_call(L, word->name, false, 0, 1);
		return complete(L, number, &call, 0, 1);
	case APL_SHAPE_NAMED:
	case APL_SHAPE_PHRASE:
	case APL_SHAPE_PATH:
		if (count < 1 || count > 2 || !is_name(L, 1, word)) break;
		if (count == 2 && (word->shape == APL_SHAPE_PATH || !apl_lua_is_plain_table(L, 2))) break;
		call = apl_lua_find_call(L, word->name, false, 1, count == 2 ? 2 : 0);
		if (count == 2) {
			complete(L, number, &call, 1, 2);
			if (word->shape == APL_SHAPE_PHRASE) apl_lua_refer(L);
			return 1;
		}
		apl_lua_push_part(L, number, word->shape == APL_SHAPE_NAMED ? APL_PART_HALF : APL_PART_WHOLE, &call);
		lua_pushvalue(L, 1);
		lua_setiuservalue(L, -2, APL_PART_NAME);
		if (word->shape != APL_SHAPE_NAMED) apl_lua_refer(L);
		return 1;
	}
	return wrong_call(L, number);
}

/* phrase "id" is whole, and may be given its arguments all the same. */
static bool awaits_arguments(lua_State *L, const apl_part *part) {
	if (part->word != APL_WORD_PHRASE || part->stage != APL_PART_WHOLE) return false;
	bool has_none = lua_getiuservalue(L, 1, APL_PART_TABLE) == LUA_TNIL;
	lua_pop(L, 1);
	return has_none;
}

/* state "id" is half of it; its table is the rest. */
static int call_part(lua_State *L) {
	const apl_part *part = apl_lua_to_part(L, 1);
	APL_ASSERT(part != NULL);
	char label[96];
	if (apl_lua_of(L)->phase != APL_LUA_LOADING) return apl_lua_refuse(L, "outside-load", "a word's value cannot be called");
	if (part->stage == APL_PART_HALF && lua_gettop(L) == 2 && apl_lua_is_plain_table(L, 2)) {
		lua_getiuservalue(L, 1, APL_PART_NAME);
		apl_call call = apl_lua_find_call(L, apl_words[part->word].name, true, 3, 2);
		return complete(L, part->word, call.site != APL_NO_SITE ? &call : &part->made, 3, 2);
	}
	if (awaits_arguments(L, part) && lua_gettop(L) == 2 && apl_lua_is_plain_table(L, 2)) {
		apl_lua_drop_reference(L, 1);
		lua_getiuservalue(L, 1, APL_PART_NAME);
		apl_call call = apl_lua_find_call(L, apl_words[part->word].name, true, 3, 2);
		complete(L, part->word, call.site != APL_NO_SITE ? &call : &part->made, 3, 2);
		apl_lua_refer(L);
		return 1;
	}
	int count = lua_gettop(L);
	const char *found = count < 2 ? "nothing" : apl_lua_kind_name(L, 2);
	lua_getiuservalue(L, 1, APL_PART_NAME);
	apl_call call = apl_lua_find_call(L, apl_words[part->word].name, true, part->stage == APL_PART_HALF ? count + 1 : 0, 0);
	apl_place place = apl_lua_arguments_of_call(L, &call).place;
	if (part->stage == APL_PART_HALF) {
		apl_lua_found(L, place, "word-call", "%s is written %s; behind the name stands %s", apl_lua_label(L, 1, label, sizeof label),
		    apl_words[part->word].form, found);
	} else if (part->stage == APL_PART_WHOLE) {
		apl_lua_found(L, place, "word-call", "%s is complete, but %s follows it; is a comma missing?",
		    apl_lua_label(L, 1, label, sizeof label), found);
	}
	apl_lua_push_part(L, part->word, APL_PART_WRONG, &part->made);
	return 1;
}

static int index_part(lua_State *L) {
	char label[96];
	return apl_lua_refuse(L, "word-value", "%s is a value to be put into a table; it cannot be looked into or changed",
	    apl_lua_label(L, 1, label, sizeof label));
}

int apl_lua_to_word(lua_State *L, int index) {
	if (lua_tocfunction(L, index) != call_word) return -1;
	if (lua_getupvalue(L, index, 1) == NULL) return -1;
	int number = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	return number;
}

void apl_lua_open_words(lua_State *L) {
	static const apl_lua_entry entries[] = {{"__call", call_part}, {"__index", index_part}, {"__newindex", index_part}};
	luaL_newmetatable(L, METATABLE);
	APL_LUA_PUT(L, entries);
	lua_pop(L, 1);
	for (int i = 0; i < APL_WORDS; i++) {
		lua_pushinteger(L, i);
		lua_pushcclosure(L, call_word, 1);
		lua_setfield(L, -2, apl_words[i].name);
	}
}
