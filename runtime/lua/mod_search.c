/* SPDX-License-Identifier: MIT */
/*
 * Decides find, match, gmatch and gsub: what they do with what a pattern found.
 * They are our own because Lua's cannot be stopped: some patterns take a time
 * that grows with a power of the text's length. Here every byte that is looked
 * at is paid for with instructions, and what the step has left is the bound.
 */

#include "lua/mod_string.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/pattern.h"

/* Looking at so many bytes of a text costs as much as an instruction. */
#define STEPS_PER_INSTRUCTION 4

/* A pattern on its way through a text, and how many steps it had when it was last paid for. */
typedef struct searching {
	apl_lua_pattern pattern;
	uint64_t had;
} searching;

/* ---- what a search may cost ------------------------------------------------------------ */

static uint64_t steps_left(const apl_lua *host) {
	if (host->spent >= host->instruction_limit) return 0;
	uint64_t left = host->instruction_limit - host->spent;
	return left < UINT64_MAX / STEPS_PER_INSTRUCTION ? left * STEPS_PER_INSTRUCTION : UINT64_MAX;
}

/* Pays for what was looked at since the last time. raises when the step has no instructions left */
static void pay(lua_State *L, searching *s) {
	apl_lua_charge(L, 1 + (s->had - s->pattern.steps) / STEPS_PER_INSTRUCTION);
	s->had = s->pattern.steps = steps_left(apl_lua_of(L));
}

/* More was to be looked at than there are steps. raises */
static void refuse_more(lua_State *L) {
	apl_lua_charge(L, UINT64_MAX / 2);
}

/* ---- searching --------------------------------------------------------------------------- */

/* The text at 1. raises */
static void take_text(lua_State *L, searching *s) {
	size_t size;
	s->pattern.text = luaL_checklstring(L, 1, &size);
	s->pattern.text_end = s->pattern.text + size;
	s->had = s->pattern.steps = steps_left(apl_lua_of(L));
}

/* The pattern at 2; [is_anchored] NULL: "^" stands for itself. raises */
static void take_pattern(lua_State *L, apl_lua_pattern *pattern, bool *is_anchored) {
	size_t size;
	pattern->begin = luaL_checklstring(L, 2, &size);
	if (size > APL_PATTERN_MOST)
		apl_lua_refuse(L, "out-of-bounds", "a pattern may have %u bytes; this one has %zu", APL_PATTERN_MOST, size);
	pattern->end = pattern->begin + size;
	if (is_anchored == NULL) return;
	*is_anchored = size > 0 && pattern->begin[0] == '^';
	if (*is_anchored) pattern->begin++;
}

/* Does it match from exactly [at] on? raises what is wrong with the pattern */
static inline bool matches_at(lua_State *L, searching *s, const char *at, const char **match_end) {
	apl_lua_pattern_answer answer = apl_lua_pattern_match(&s->pattern, at, match_end);
	switch (answer) {
	case APL_PATTERN_YES: return true;
	case APL_PATTERN_NO: return false;
	case APL_PATTERN_MALFORMED: luaL_error(L, s->pattern.mistake, s->pattern.mistake_number); break;
	case APL_PATTERN_TOO_MUCH: refuse_more(L); break;
	}
	return false;
}

/* Pushes what capture [number] holds; without captures the first one is the whole match. raises */
static void push_capture(lua_State *L, const apl_lua_pattern *pattern, uint32_t number, const char *begin, const char *end) {
	if (number >= pattern->n_captures) {
		if (number != 0) luaL_error(L, "invalid capture index %%%d", (int)number + 1);
		lua_pushlstring(L, begin, (size_t)(end - begin));
		return;
	}
	const apl_capture *capture = &pattern->captures[number];
	if (capture->size == APL_CAPTURE_POSITION) {
		lua_pushinteger(L, capture->begin - pattern->text + 1);
		return;
	}
	if (capture->size == APL_CAPTURE_OPEN) luaL_error(L, "unfinished capture");
	lua_pushlstring(L, capture->begin, capture->size);
}

/* All captures; [begin] NULL: nothing when there are none. Returns how many. raises */
static int push_captures(lua_State *L, const apl_lua_pattern *pattern, const char *begin, const char *end) {
	uint32_t count = pattern->n_captures == 0 && begin != NULL ? 1 : pattern->n_captures;
	luaL_checkstack(L, (int)count, "too many captures");
	for (uint32_t i = 0; i < count; i++) push_capture(L, pattern, i, begin, end);
	return (int)count;
}

/* Where the argument [index] says that a search begins; beyond the text's end: NULL. */
static const char *begin_at(lua_State *L, int index, const apl_lua_pattern *pattern) {
	lua_Integer size = (lua_Integer)(pattern->text_end - pattern->text);
	lua_Integer at = luaL_optinteger(L, index, 1);
	if (at < 0) at = at < -size ? 1 : size + at + 1;
	if (at == 0) at = 1;
	return at - 1 > size ? NULL : pattern->text + (at - 1);
}

/* ---- find and match ------------------------------------------------------------------------- */

static int find_plain(lua_State *L, searching *s, const char *at, const char *piece, size_t piece_size) {
	const char *text = s->pattern.text;
	const char *found = apl_lua_pattern_find_plain(at, (size_t)(s->pattern.text_end - at), piece, piece_size, &s->pattern.steps);
	if (s->pattern.steps == 0) refuse_more(L);
	pay(L, s);
	if (found == NULL) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, found - text + 1);
	lua_pushinteger(L, found - text + (lua_Integer)piece_size);
	return 2;
}

static int search_for(lua_State *L, bool is_find) {
	searching s;
	size_t size;
	bool is_anchored;
	take_text(L, &s);
	const char *piece = luaL_checklstring(L, 2, &size);
	const char *at = begin_at(L, 3, &s.pattern);
	if (at == NULL) {
		lua_pushnil(L);
		return 1;
	}
	if (is_find && (lua_toboolean(L, 4) || apl_lua_pattern_is_plain(piece, size))) return find_plain(L, &s, at, piece, size);
	take_pattern(L, &s.pattern, &is_anchored);
	do {
		const char *end;
		if (!matches_at(L, &s, at, &end)) continue;
		pay(L, &s);
		if (!is_find) return push_captures(L, &s.pattern, at, end);
		lua_pushinteger(L, at - s.pattern.text + 1);
		lua_pushinteger(L, end - s.pattern.text);
		return push_captures(L, &s.pattern, NULL, NULL) + 2;
	} while (at++ < s.pattern.text_end && !is_anchored);
	pay(L, &s);
	lua_pushnil(L);
	return 1;
}

static int string_find(lua_State *L) {
	return search_for(L, true);
}

static int string_match(lua_State *L) {
	return search_for(L, false);
}

/* ---- gmatch ------------------------------------------------------------------------------------ */

/* upvalues: the text, the pattern, where the next search begins, where the last match ended (or -1). */
static int next_match(lua_State *L) {
	searching s;
	const char *match_end;
	lua_settop(L, 0);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, lua_upvalueindex(2));
	take_text(L, &s);
	take_pattern(L, &s.pattern, NULL);
	const char *at = s.pattern.text + lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
	for (; at <= s.pattern.text_end; at++) {
		if (!matches_at(L, &s, at, &match_end)) continue;
		lua_Integer end = match_end - s.pattern.text;
		if (end == last) continue;
		pay(L, &s);
		lua_pushinteger(L, end);
		lua_copy(L, -1, lua_upvalueindex(3));
		lua_replace(L, lua_upvalueindex(4));
		return push_captures(L, &s.pattern, at, match_end);
	}
	pay(L, &s);
	return 0; /* as Lua's own: who calls it again makes it look at the rest again */
}

static int string_gmatch(lua_State *L) {
	searching s;
	take_text(L, &s);
	take_pattern(L, &s.pattern, NULL);
	const char *at = begin_at(L, 3, &s.pattern);
	lua_settop(L, 2);
	lua_pushinteger(L, at != NULL ? at - s.pattern.text : s.pattern.text_end - s.pattern.text + 1);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, next_match, 4);
	return 1;
}

/* ---- gsub --------------------------------------------------------------------------------------- */

/* "%1" and the like of the text that stands for a match. raises */
static void add_text(lua_State *L, const apl_lua_pattern *pattern, luaL_Buffer *result, const char *begin, const char *end) {
	size_t size;
	const char *text = lua_tolstring(L, 3, &size);
	const char *text_end = text + size;
	while (text < text_end) {
		const char *escape = memchr(text, '%', (size_t)(text_end - text));
		const char *plain_end = escape != NULL ? escape : text_end;
		luaL_addlstring(result, text, (size_t)(plain_end - text));
		if (escape == NULL) return;
		char c = escape + 1 < text_end ? escape[1] : '\0';
		if (c == '%') {
			luaL_addchar(result, '%');
		} else if (c == '0') {
			luaL_addlstring(result, begin, (size_t)(end - begin));
		} else if (c >= '1' && c <= '9') {
			push_capture(L, pattern, (uint32_t)(c - '1'), begin, end);
			luaL_addvalue(result); /* a position is a number, and becomes text here */
		} else {
			luaL_error(L, "invalid use of '%%' in replacement string");
		}
		text = escape + 2;
	}
}

/* What stands for the match from [begin] to [end]. Is it another text? raises */
static bool add_replacement(lua_State *L, const apl_lua_pattern *pattern, luaL_Buffer *result, const char *begin, const char *end) {
	switch (lua_type(L, 3)) {
	case LUA_TFUNCTION:
		lua_pushvalue(L, 3);
		lua_call(L, push_captures(L, pattern, begin, end), 1);
		break;
	case LUA_TTABLE:
		push_capture(L, pattern, 0, begin, end);
		lua_gettable(L, 3);
		break;
	default: add_text(L, pattern, result, begin, end); return true;
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		luaL_addlstring(result, begin, (size_t)(end - begin));
		return false;
	}
	if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (%s)", apl_lua_kind_name(L, -1));
	luaL_addvalue(result);
	return true;
}

static int string_gsub(lua_State *L) {
	searching s;
	luaL_Buffer result;
	bool is_anchored, is_changed = false;
	take_text(L, &s);
	take_pattern(L, &s.pattern, &is_anchored);
	int type = lua_type(L, 3);
	if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TTABLE && type != LUA_TFUNCTION)
		return luaL_typeerror(L, 3, "string/function/table");
	const char *at = s.pattern.text, *last = NULL, *end;
	lua_Integer most = luaL_optinteger(L, 4, s.pattern.text_end - at + 1), count = 0;
	lua_settop(L, 3);
	if (type == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
	luaL_buffinit(L, &result);
	while (count < most) {
		if (matches_at(L, &s, at, &end) && end != last) {
			pay(L, &s);
			count++;
			if (add_replacement(L, &s.pattern, &result, at, end)) is_changed = true;
			at = last = end;
		} else if (at < s.pattern.text_end) {
			luaL_addchar(&result, *at++);
		} else {
			break;
		}
		if (is_anchored) break;
	}
	if (is_changed) {
		luaL_addlstring(&result, at, (size_t)(s.pattern.text_end - at));
		luaL_pushresult(&result);
	} else {
		lua_pushvalue(L, 1);
	}
	pay(L, &s);
	lua_pushinteger(L, count);
	return 2;
}

void apl_lua_put_searches(lua_State *L) {
	static const apl_lua_entry entries[] = {
	    {"find", string_find}, {"gmatch", string_gmatch}, {"gsub", string_gsub}, {"match", string_match}};
	APL_LUA_PUT(L, entries);
}
