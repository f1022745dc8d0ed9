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
#include "lua/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

static const char METATABLE[] = "part";

const apl_part *apl_lua_to_part(lua_State *L, int index) {
	return lua_type(L, index) == LUA_TUSERDATA ? luaL_testudata(L, index, METATABLE) : NULL;
}

void apl_lua_found(lua_State *L, uint32_t line, const char *slug, const char *format, ...) {
	apl_lua *host = apl_lua_of(L);
	char message[sizeof host->error.message];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	apl_found(host->findings, APLOMB_ERROR, slug, apl_lua_place_in(host, host->declaring->file, line), "%s", message);
}

void apl_lua_remarked(lua_State *L, aplomb_severity severity, uint32_t line, const char *slug, const char *format, ...) {
	apl_lua *host = apl_lua_of(L);
	char message[sizeof host->error.message];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	apl_found(host->findings, severity, slug, apl_lua_place_in(host, host->declaring->file, line), "%s", message);
}

bool apl_lua_read_span(
    lua_State *L, const char *text, size_t size, const char *label, uint32_t line, aplomb_span *out, apl_span_unit *unit) {
	aplomb_error error = {0};
	char clock[APL_INSTANT_TEXT];
	if (apl_span_read_any(text, size, out, unit, &error) != APLOMB_OK) {
		apl_lua_found(L, line, error.slug, "%s: %s", label, error.message);
		return false;
	}
	if (*unit == APL_SPAN_CLOCK) return true;
	apl_span_write(*out, clock);
	apl_lua_remarked(
	    L, APLOMB_NOTE, line, "business-clock-time", "%s: \"%s\" counts as %s of clock time: no calendar is asked yet", label, text, clock);
	return true;
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

apl_part *apl_lua_push_part(lua_State *L, uint8_t word, apl_part_stage stage, uint32_t line) {
	apl_part *part = lua_newuserdatauv(L, sizeof *part, 2);
	*part = (apl_part){word, (uint8_t)stage, (uint16_t)apl_lua_of(L)->declaring->file, line, 0};
	luaL_setmetatable(L, METATABLE);
	return part;
}

/* Findings about the call are in its file from now on. */
uint32_t apl_lua_line_of_call(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	lua_Debug frame;
	for (int level = 1; lua_getstack(L, level, &frame); level++) {
		lua_getinfo(L, "Sl", &frame);
		if (frame.currentline <= 0) continue;
		host->declaring->file = apl_lua_file_of_chunk(host, frame.source);
		return (uint32_t)frame.currentline;
	}
	return 0;
}

void apl_lua_push_part_like(lua_State *L, int index, uint32_t line) {
	const apl_part *part = apl_lua_to_part(L, index);
	index = lua_absindex(L, index);
	apl_lua_push_part(L, part->word, (apl_part_stage)part->stage, line);
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

static int wrong_call(lua_State *L, uint8_t number, uint32_t line) {
	const apl_word *word = &apl_words[number];
	const char *found = lua_gettop(L) == 0 ? "nothing" : apl_lua_kind_name(L, 1);
	apl_lua_found(L, line, "word-call", "%s is written %s; it was called with %s", word->name, word->form, found);
	apl_lua_push_part(L, number, APL_PART_WRONG, line);
	return 1;
}

static int call_with_actions(lua_State *L, uint8_t number, uint32_t line) {
	int count = lua_gettop(L);
	bool all_functions = count > 0;
	lua_createtable(L, count, 0);
	lua_insert(L, 1);
	for (int i = count; i >= 1; i--) {
		const apl_part *part = apl_lua_to_part(L, -1);
		if (part != NULL && part->stage == APL_PART_WRONG) {
			all_functions = false; /* as was told where it was called */
		} else if (lua_type(L, -1) != LUA_TFUNCTION || lua_iscfunction(L, -1)) {
			apl_lua_found(L, line, "wrong-kind", "%s: action %d must be a function of the playbook, found %s", apl_words[number].name, i,
			    apl_lua_kind_name(L, -1));
			all_functions = false;
		}
		lua_rawseti(L, 1, i);
	}
	if (count == 0)
		apl_lua_found(L, line, "word-call", "%s is written %s; it was called with nothing", apl_words[number].name, apl_words[number].form);
	apl_lua_push_part(L, number, all_functions ? APL_PART_WHOLE : APL_PART_WRONG, line);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, APL_PART_TABLE);
	return 1;
}

/* The table at [index] completes the part that is named by the value at [name] (0: none). */
static int complete(lua_State *L, uint8_t number, uint32_t line, int name, int index) {
	if (number == APL_WORD_DEFINE) return apl_lua_define(L, name, index, line);
	apl_lua_push_part(L, number, APL_PART_WHOLE, line);
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
	uint32_t line = apl_lua_line_of_call(L);
	int count = lua_gettop(L);
	switch (word->shape) {
	case APL_SHAPE_ACTIONS: return call_with_actions(L, number, line);
	case APL_SHAPE_TABLE:
		if (count != 1 || !apl_lua_is_plain_table(L, 1)) break;
		return complete(L, number, line, 0, 1);
	case APL_SHAPE_NAMED:
	case APL_SHAPE_PATH:
		if (count < 1 || count > 2 || !is_name(L, 1, word)) break;
		if (count == 2) {
			if (word->shape == APL_SHAPE_PATH || !apl_lua_is_plain_table(L, 2)) break;
			return complete(L, number, line, 1, 2);
		}
		apl_lua_push_part(L, number, word->shape == APL_SHAPE_PATH ? APL_PART_WHOLE : APL_PART_HALF, line);
		lua_pushvalue(L, 1);
		lua_setiuservalue(L, -2, APL_PART_NAME);
		if (word->shape == APL_SHAPE_PATH) apl_lua_refer(L);
		return 1;
	}
	return wrong_call(L, number, line);
}

/* state "id" is half of it; its table is the rest. */
static int call_part(lua_State *L) {
	const apl_part *part = apl_lua_to_part(L, 1);
	APL_ASSERT(part != NULL);
	char label[96];
	if (apl_lua_of(L)->phase != APL_LUA_LOADING) return apl_lua_refuse(L, "outside-load", "a word's value cannot be called");
	if (part->stage == APL_PART_HALF && lua_gettop(L) == 2 && apl_lua_is_plain_table(L, 2)) {
		lua_getiuservalue(L, 1, APL_PART_NAME);
		apl_lua_of(L)->declaring->file = part->file;
		return complete(L, part->word, part->line, 3, 2);
	}
	const char *found = lua_gettop(L) < 2 ? "nothing" : apl_lua_kind_name(L, 2);
	if (part->stage == APL_PART_HALF) {
		apl_lua_found(L, apl_lua_line_of_call(L), "word-call", "%s is written %s; behind the name stands %s",
		    apl_lua_label(L, 1, label, sizeof label), apl_words[part->word].form, found);
	} else if (part->stage == APL_PART_WHOLE) {
		apl_lua_found(L, apl_lua_line_of_call(L), "word-call", "%s is complete, but %s follows it; is a comma missing?",
		    apl_lua_label(L, 1, label, sizeof label), found);
	}
	apl_lua_of(L)->declaring->file = part->file;
	apl_lua_push_part(L, part->word, APL_PART_WRONG, part->line);
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
