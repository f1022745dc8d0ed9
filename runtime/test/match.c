/* SPDX-License-Identifier: MIT */
/*
 * Decides when a value is as a test expects it. What a test writes down is the
 * least that must be so: a map may have more members, for the playbook's author
 * adds some tomorrow. Where they part is said by the path of the first part
 * that differs.
 */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "test/inside.h"

enum { MOST_DEPTH = 64 };

static const char MATCHER;

/* ---- matchers ----------------------------------------------------------- */

typedef enum matcher_kind { ANYTHING, ABSENT, CONTAINS, MATCHES, AT_LEAST, AT_MOST, ANY_OF, ONLY, IDS, OTHER_THAN } matcher_kind;

typedef struct matcher_word {
	const char *name;
	matcher_kind kind;
	bool takes; /* a value */
} matcher_word;

static const matcher_word WORDS[] = {
    {"anything", ANYTHING, false},   /* whatever, but there */
    {"absent", ABSENT, false},       /* not there */
    {"contains", CONTAINS, true},    /* a text with this in it; a list with such an item */
    {"matches", MATCHES, true},      /* a text that Lua's pattern is found in */
    {"at_least", AT_LEAST, true},    /* a number */
    {"at_most", AT_MOST, true},      /* a number */
    {"any_of", ANY_OF, true},        /* one of a list */
    {"only", ONLY, true},            /* a map with these members and no other */
    {"ids", IDS, true},              /* a list of maps with these `id`s, in this order */
    {"other_than", OTHER_THAN, true} /* there, and not this */
};

bool apl_test_is_matcher(lua_State *L, int index) {
	if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0) return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &MATCHER);
	bool is_it = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return is_it;
}

/* Of the value on top, or without one. */
static void push_matcher(lua_State *L, const matcher_word *word, bool has_value) {
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, word->kind);
	lua_setfield(L, -2, "kind");
	lua_pushstring(L, word->name);
	lua_setfield(L, -2, "shown");
	if (has_value) {
		lua_pushvalue(L, -2);
		lua_setfield(L, -2, "value");
		lua_remove(L, -2);
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &MATCHER);
	lua_setmetatable(L, -2);
}

static int make(lua_State *L) {
	const matcher_word *word = lua_touserdata(L, lua_upvalueindex(1));
	lua_settop(L, 1);
	bool is_table = lua_istable(L, 1), is_text = lua_type(L, 1) == LUA_TSTRING;
	if (lua_isnil(L, 1)) return apl_test_raise(L, "test-value", "%s takes a value, and none was given", word->name);
	if ((word->kind == ANY_OF || word->kind == ONLY || word->kind == IDS) && !is_table)
		return apl_test_raise(L, "test-value", "%s takes a table: %s { … }", word->name, word->name);
	if (word->kind == MATCHES && !is_text) return apl_test_raise(L, "test-value", "matches takes a pattern, which is text");
	if ((word->kind == AT_LEAST || word->kind == AT_MOST) && !lua_isnumber(L, 1))
		return apl_test_raise(L, "test-value", "%s takes a number", word->name);
	push_matcher(L, word, true);
	return 1;
}

const char *apl_test_matcher_name(size_t n) {
	return n < sizeof WORDS / sizeof WORDS[0] ? WORDS[n].name : NULL;
}

void apl_test_open_matchers(lua_State *L) {
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &MATCHER);
	lua_pushglobaltable(L);
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (WORDS[i].takes) {
			lua_pushlightuserdata(L, (void *)(uintptr_t)&WORDS[i]);
			lua_pushcclosure(L, make, 1);
		} else {
			push_matcher(L, &WORDS[i], false);
		}
		lua_setfield(L, -2, WORDS[i].name);
	}
	lua_pop(L, 1);
}

/* ---- matching ----------------------------------------------------------- */

/* Where we are, from the value that the test named: ".options[2].id". Grows and shrinks with the walk. */
typedef struct walk {
	lua_State *L;
	apl_test_text *why;
	char path[240];
	int depth;
} walk;

static bool match(walk *w, int index, aplomb_value value);

static bool differs(walk *w, int index, aplomb_value value) {
	if (w->why == NULL) return false;
	if (w->path[0] != '\0') apl_test_text_format(w->why, "%s: ", w->path[0] == '.' ? w->path + 1 : w->path);
	apl_test_text_put(w->why, "expected ");
	apl_test_show_lua(w->L, w->why, index);
	apl_test_text_put(w->why, ", found ");
	apl_test_show_json(w->why, value);
	return false;
}

static size_t into(walk *w, const char *key, size_t number) {
	size_t before = strlen(w->path);
	if (key != NULL)
		snprintf(w->path + before, sizeof w->path - before, ".%s", key);
	else
		snprintf(w->path + before, sizeof w->path - before, "[%zu]", number);
	return before;
}

/* Without a word about why not. */
static bool match_quietly(walk *w, int index, aplomb_value value) {
	apl_test_text *why = w->why;
	w->why = NULL;
	bool is_so = match(w, index, value);
	w->why = why;
	return is_so;
}

static bool match_scalar(walk *w, int index, aplomb_value value) {
	lua_State *L = w->L;
	size_t size, wanted_size;
	const char *text, *wanted;
	bool is_so = false;
	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN:
		is_so = aplomb_value_kind(value) == APLOMB_BOOLEAN && aplomb_value_boolean(value) == (lua_toboolean(L, index) != 0);
		break;
	case LUA_TNUMBER:
		if (aplomb_value_kind(value) == APLOMB_INTEGER && lua_isinteger(L, index))
			is_so = aplomb_value_integer(value) == lua_tointeger(L, index);
		else if (aplomb_value_kind(value) == APLOMB_INTEGER || aplomb_value_kind(value) == APLOMB_NUMBER)
			is_so = aplomb_value_number(value) == lua_tonumber(L, index);
		break;
	case LUA_TSTRING:
		text = aplomb_value_text(value, &size);
		wanted = lua_tolstring(L, index, &wanted_size);
		is_so = text != NULL && size == wanted_size && memcmp(text, wanted, size) == 0;
		break;
	default: break;
	}
	return is_so || differs(w, index, value);
}

/* The nearest of a map's members, for who wrote the name of none. */
static void name_nearest(walk *w, const char *key, aplomb_value map) {
	const char *names[64];
	size_t count = 0;
	for (size_t i = 0; i < aplomb_value_count(map) && count < 64; i++) aplomb_value_at(map, i, &names[count++]);
	const char *nearest = aplomb_nearest(key, names, count);
	if (nearest != NULL && w->why != NULL) apl_test_text_format(w->why, "; did you mean \"%s\"?", nearest);
}

static bool match_members(walk *w, int index, aplomb_value value, bool only) {
	lua_State *L = w->L;
	if (aplomb_value_kind(value) != APLOMB_MAP) return differs(w, index, value);
	for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			apl_test_raise(L, "test-value", "what is expected of a map has texts as keys; write a list and its items apart");
		const char *key = lua_tostring(L, -2);
		aplomb_value member = aplomb_value_get(value, key);
		size_t before = into(w, key, 0);
		bool is_so = match(w, lua_gettop(L), member);
		if (!is_so && aplomb_value_kind(member) == APLOMB_ABSENT) name_nearest(w, key, value);
		w->path[before] = '\0';
		if (is_so) continue;
		lua_pop(L, 3);
		return false;
	}
	if (!only) return true;
	for (size_t i = 0; i < aplomb_value_count(value); i++) {
		const char *key;
		aplomb_value member = aplomb_value_at(value, i, &key);
		bool is_named = lua_getfield(L, index, key) != LUA_TNIL;
		lua_pop(L, 1);
		if (is_named) continue;
		if (w->why != NULL) {
			apl_test_text_format(
			    w->why, "%s%s%s is there too: ", w->path[0] == '.' ? w->path + 1 : w->path, w->path[0] != '\0' ? "." : "", key);
			apl_test_show_json(w->why, member);
		}
		return false;
	}
	return true;
}

static bool match_items(walk *w, int index, aplomb_value value, lua_Unsigned count, const char *member) {
	lua_State *L = w->L;
	if (aplomb_value_kind(value) != APLOMB_LIST) return differs(w, index, value);
	size_t found = aplomb_value_count(value);
	for (size_t i = 0; i < found && i < count; i++) {
		size_t before = into(w, NULL, i + 1);
		if (member != NULL) into(w, member, 0);
		lua_rawgeti(L, index, (lua_Integer)i + 1);
		aplomb_value item = aplomb_value_at(value, i, NULL);
		bool is_so = match(w, lua_gettop(L), member != NULL ? aplomb_value_get(item, member) : item);
		lua_pop(L, 1);
		w->path[before] = '\0';
		if (!is_so) return false;
	}
	if (found == count) return true;
	if (w->why != NULL) {
		apl_test_text_format(w->why, "%s%sexpected %llu item%s, found %zu: ", w->path[0] == '.' ? w->path + 1 : w->path,
		    w->path[0] != '\0' ? ": " : "", (unsigned long long)count, count == 1 ? "" : "s", found);
		apl_test_show_json(w->why, value);
	}
	return false;
}

/* ---- what matchers say -------------------------------------------------- */

static bool has_text(lua_State *L, int index, aplomb_value value) {
	size_t size, wanted_size;
	const char *text = aplomb_value_text(value, &size);
	const char *wanted = lua_tolstring(L, index, &wanted_size);
	for (size_t at = 0; text != NULL && at + wanted_size <= size; at++)
		if (memcmp(text + at, wanted, wanted_size) == 0) return true;
	return false;
}

static bool has_item(walk *w, int index, aplomb_value value) {
	for (size_t i = 0; i < aplomb_value_count(value); i++)
		if (match_quietly(w, index, aplomb_value_at(value, i, NULL))) return true;
	return false;
}

static bool is_found(lua_State *L, int index, aplomb_value value) {
	size_t size;
	const char *text = aplomb_value_text(value, &size);
	if (text == NULL) return false;
	lua_getglobal(L, "string");
	lua_getfield(L, -1, "find");
	lua_pushlstring(L, text, size);
	lua_pushvalue(L, index);
	lua_call(L, 2, 1);
	bool found = !lua_isnil(L, -1);
	lua_pop(L, 2);
	return found;
}

static bool match_as(walk *w, int index, aplomb_value value, matcher_kind kind) {
	lua_State *L = w->L;
	aplomb_kind of = aplomb_value_kind(value);
	bool is_number = of == APLOMB_INTEGER || of == APLOMB_NUMBER;
	switch (kind) {
	case ANYTHING: return of != APLOMB_ABSENT && of != APLOMB_NULL;
	case ABSENT: return of == APLOMB_ABSENT || of == APLOMB_NULL;
	case CONTAINS:
		if (of == APLOMB_LIST) return has_item(w, index, value);
		return lua_type(L, index) == LUA_TSTRING && has_text(L, index, value);
	case MATCHES: return is_found(L, index, value);
	case AT_LEAST: return is_number && aplomb_value_number(value) >= lua_tonumber(L, index);
	case AT_MOST: return is_number && aplomb_value_number(value) <= lua_tonumber(L, index);
	case ANY_OF:
		for (lua_Unsigned i = 1, count = lua_rawlen(L, index); i <= count; i++) {
			lua_rawgeti(L, index, (lua_Integer)i);
			bool is_so = match_quietly(w, lua_gettop(L), value);
			lua_pop(L, 1);
			if (is_so) return true;
		}
		return false;
	case OTHER_THAN: return of != APLOMB_ABSENT && of != APLOMB_NULL && !match_quietly(w, index, value);
	case ONLY:
	case IDS: return false; /* these say by themselves where they part */
	}
	return false;
}

static bool match_matcher(walk *w, int index, aplomb_value value) {
	lua_State *L = w->L;
	lua_getfield(L, index, "kind");
	matcher_kind kind = (matcher_kind)lua_tointeger(L, -1);
	lua_getfield(L, index, "value");
	int of = lua_gettop(L);
	bool is_so;
	if (kind == ONLY) {
		is_so = match_members(w, of, value, true);
	} else if (kind == IDS) {
		is_so = match_items(w, of, value, lua_rawlen(L, of), "id");
	} else {
		is_so = match_as(w, of, value, kind) || differs(w, index, value);
	}
	lua_settop(L, of - 2);
	return is_so;
}

/* The test looks for itself, at a copy; what counts as true in Lua is agreement. */
static bool match_function(walk *w, int index, aplomb_value value) {
	lua_State *L = w->L;
	lua_pushvalue(L, index);
	apl_test_push_json(L, value);
	lua_call(L, 1, 1);
	bool is_so = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return is_so || differs(w, index, value);
}

static bool match_table(walk *w, int index, aplomb_value value) {
	lua_State *L = w->L;
	if (apl_test_is_matcher(L, index)) return match_matcher(w, index, value);
	lua_Unsigned count = lua_rawlen(L, index);
	bool is_list = count > 0 || apl_test_is_list(L, index);
	/* {} is an empty list where a list was found, and asks nothing of a map. */
	if (!is_list && aplomb_value_kind(value) == APLOMB_LIST) {
		lua_pushnil(L);
		is_list = lua_next(L, index) == 0;
		if (!is_list) lua_pop(L, 2);
	}
	return is_list ? match_items(w, index, value, count, NULL) : match_members(w, index, value, false);
}

static bool match(walk *w, int index, aplomb_value value) {
	luaL_checkstack(w->L, 16, "values are nested too deep");
	if (++w->depth > MOST_DEPTH) apl_test_raise(w->L, "test-value", "what is expected is nested more than 64 deep");
	bool is_so;
	switch (lua_type(w->L, index)) {
	case LUA_TTABLE: is_so = match_table(w, index, value); break;
	case LUA_TFUNCTION: is_so = match_function(w, index, value); break;
	default: is_so = match_scalar(w, index, value);
	}
	w->depth--;
	return is_so;
}

bool apl_test_matches(lua_State *L, int index, aplomb_value value, apl_test_text *why) {
	walk w = {.L = L, .why = why};
	bool is_so = match(&w, lua_absindex(L, index), value);
	if (why != NULL && why->failed) apl_test_no_memory(L);
	return is_so;
}
