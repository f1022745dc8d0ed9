/* SPDX-License-Identifier: MIT */
/*
 * Decides how a file of tests is written: `tests`, `test`, `each`, `list`; and
 * takes what it returns apart. Nothing is run by these words, so that a file
 * can be listed, and one test of it be run without the others.
 */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

/* A Monday morning: 2026-03-02T09:00:00Z. */
#define USUAL_START INT64_C(1772442000000000)

static const char TESTS, TEST;

static bool is_made_by(lua_State *L, int index, const char *mark) {
	if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0) return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, mark);
	bool is_it = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return is_it;
}

/* Marks the table on top. */
static void mark(lua_State *L, const char *as) {
	lua_rawgetp(L, LUA_REGISTRYINDEX, as);
	lua_setmetatable(L, -2);
}

static const char *check_name(lua_State *L, const char *word, const char *what) {
	if (lua_type(L, 1) != LUA_TSTRING || lua_rawlen(L, 1) == 0 || lua_gettop(L) != 1)
		apl_test_raise(L, "test-word", "%s takes %s, which is text", word, what);
	return lua_tostring(L, 1);
}

/* ---- test --------------------------------------------------------------- */

/* Upvalues: name, line. */
static int finish_test(lua_State *L) {
	if (lua_type(L, 1) != LUA_TFUNCTION || lua_gettop(L) != 1)
		return apl_test_raise(
		    L, "test-word", "test \"%.80s\" goes on with its function: (function(case) … end)", lua_tostring(L, lua_upvalueindex(1)));
	lua_createtable(L, 0, 4);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_setfield(L, -2, "name");
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_setfield(L, -2, "line");
	lua_pushvalue(L, 1);
	lua_setfield(L, -2, "play");
	mark(L, &TEST);
	return 1;
}

static int word_test(lua_State *L) {
	check_name(L, "test", "a name");
	const char *file;
	lua_pushinteger(L, apl_test_here(L, &file));
	lua_pushcclosure(L, finish_test, 2);
	return 1;
}

/* ---- each --------------------------------------------------------------- */

/* The name on top with {x} filled from the row at [row], in its place. */
static void fill_name(lua_State *L, const char *name, int row) {
	apl_test_text *out = &apl_test_file_of(L)->found;
	apl_test_text_cut(out, 0);
	while (*name != '\0') {
		size_t plain = strcspn(name, "{");
		apl_test_text_add(out, name, plain);
		name += plain;
		if (*name == '\0') break;
		size_t size = strcspn(name, "}");
		if (name[size] == '\0') apl_test_raise(L, "test-word", "the name has a \"{\" and no \"}\" behind it: %.80s", name);
		lua_pushlstring(L, name + 1, size - 1);
		/* {1} is the first of a row that is a list. */
		if (lua_stringtonumber(L, lua_tostring(L, -1)) != 0) lua_remove(L, -2);
		lua_gettable(L, row);
		if (lua_isnil(L, -1))
			apl_test_raise(L, "test-word", "the name speaks of %.*s, and a row has no such member", (int)(size + 1), name);
		if (lua_type(L, -1) == LUA_TSTRING)
			apl_test_text_put(out, lua_tostring(L, -1));
		else
			apl_test_show_lua(L, out, -1);
		lua_pop(L, 1);
		name += size + 1;
	}
	if (out->failed) apl_test_no_memory(L);
	lua_pushlstring(L, apl_test_text_of(out), out->size);
}

/* Upvalues: rows, name, line. */
static int finish_each(lua_State *L) {
	if (lua_type(L, 1) != LUA_TFUNCTION || lua_gettop(L) != 1)
		return apl_test_raise(L, "test-word", "each { … } \"name\" goes on with its function: (function(case, row) … end)");
	lua_Unsigned count = lua_rawlen(L, lua_upvalueindex(1));
	lua_createtable(L, (int)count, 0);
	for (lua_Unsigned i = 1; i <= count; i++) {
		lua_rawgeti(L, lua_upvalueindex(1), (lua_Integer)i);
		if (!lua_istable(L, -1))
			apl_test_raise(L, "test-word", "each takes a list of rows, each of them a table; row %llu is none", (unsigned long long)i);
		lua_createtable(L, 0, 4); /* list row test */
		fill_name(L, lua_tostring(L, lua_upvalueindex(2)), lua_gettop(L) - 1);
		lua_setfield(L, -2, "name");
		lua_pushvalue(L, lua_upvalueindex(3));
		lua_setfield(L, -2, "line");
		lua_pushvalue(L, 1);
		lua_setfield(L, -2, "play");
		lua_pushvalue(L, -2);
		lua_setfield(L, -2, "row");
		mark(L, &TEST);
		lua_rawseti(L, -3, (lua_Integer)i);
		lua_pop(L, 1);
	}
	return 1;
}

static int name_each(lua_State *L) {
	check_name(L, "each { … }", "a name");
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 1);
	const char *file;
	lua_pushinteger(L, apl_test_here(L, &file));
	lua_pushcclosure(L, finish_each, 3);
	return 1;
}

static int word_each(lua_State *L) {
	if (lua_type(L, 1) != LUA_TTABLE || lua_rawlen(L, 1) == 0 || lua_gettop(L) != 1)
		return apl_test_raise(L, "test-word", "each takes a list of rows: each { { … }, { … } } \"name\" (function(case, row) … end)");
	lua_pushcclosure(L, name_each, 1);
	return 1;
}

/* ---- tests -------------------------------------------------------------- */

/* Upvalue: the playbook. */
static int finish_tests(lua_State *L) {
	if (lua_type(L, 1) != LUA_TTABLE || lua_gettop(L) != 1)
		return apl_test_raise(L, "test-word", "tests \"%.80s\" goes on with a table of tests: { test \"…\" (function(case) … end) }",
		    lua_tostring(L, lua_upvalueindex(1)));
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_setfield(L, 1, "playbook");
	mark(L, &TESTS);
	return 1;
}

static int word_tests(lua_State *L) {
	check_name(L, "tests", "the file of a playbook");
	lua_pushcclosure(L, finish_tests, 1);
	return 1;
}

/* recorded "file.jsonl": a journal beside the file. */
static int word_recorded(lua_State *L) {
	const char *path = check_name(L, "recorded", "the file of a journal");
	const char *file;
	lua_createtable(L, 0, 3);
	lua_pushfstring(L, "recorded %s", path);
	lua_setfield(L, -2, "name");
	lua_pushinteger(L, apl_test_here(L, &file));
	lua_setfield(L, -2, "line");
	lua_pushvalue(L, 1);
	lua_setfield(L, -2, "recorded");
	mark(L, &TEST);
	return 1;
}

static int word_list(lua_State *L) {
	if (lua_type(L, 1) != LUA_TTABLE || lua_gettop(L) != 1) return apl_test_raise(L, "test-word", "list takes a table: list { … }");
	apl_test_mark_list(L);
	return 1;
}

static const luaL_Reg WORDS[] = {
    {"tests", word_tests}, {"test", word_test}, {"each", word_each}, {"recorded", word_recorded}, {"list", word_list}, {NULL, NULL}};

const char *apl_test_word_name(size_t n) {
	return WORDS[n].name;
}

void apl_test_open_words(lua_State *L) {
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &TESTS);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &TEST);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, WORDS, 0);
	lua_pop(L, 1);
}

/* ---- taking it apart ---------------------------------------------------- */

static const apl_test_item *find_item(const apl_test_file *file, const char *name) {
	for (size_t i = 0; i < file->n_items; i++)
		if (strcmp(file->items[i].name, name) == 0) return &file->items[i];
	return NULL;
}

/* The test on top. */
static void take_test(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	apl_test_need_room(L, &file->items, file->n_items, &file->items_capacity, sizeof *file->items);
	lua_getfield(L, -1, "name");
	lua_getfield(L, -2, "line");
	const char *name = lua_tostring(L, -2);
	uint32_t line = (uint32_t)lua_tointeger(L, -1);
	const apl_test_item *same = find_item(file, name);
	if (same != NULL)
		apl_test_raise(L, "test-name-twice", "two tests are called \"%.120s\", in lines %u and %u; tell them apart by their names", name,
		    same->line, line);
	apl_test_item *item = &file->items[file->n_items];
	*item = (apl_test_item){.line = line, .group = file->n_groups - 1, .function = LUA_NOREF, .row = LUA_NOREF};
	item->name = apl_test_need_copy(L, name);
	file->n_items++;
	lua_pop(L, 2);
	if (lua_getfield(L, -1, "recorded") == LUA_TSTRING) {
		const char *path = lua_tostring(L, -1);
		apl_test_text_cut(&file->path_text, 0);
		apl_test_text_format(&file->path_text, "%s%s", path[0] == '/' ? "" : file->folder, path);
		item->recorded = apl_test_need_copy(L, apl_test_text_of(&file->path_text));
	}
	lua_pop(L, 1);
	lua_getfield(L, -1, "play");
	item->function = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_getfield(L, -1, "row");
	item->row = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* A test, or tables of them, on top. */
static void take_any(lua_State *L) {
	luaL_checkstack(L, 8, "lists of tests are nested too deep");
	if (is_made_by(L, -1, &TEST)) {
		take_test(L);
		return;
	}
	if (lua_type(L, -1) == LUA_TFUNCTION)
		apl_test_raise(L, "test-word", "a test has no function: write test \"name\" (function(case) … end)");
	if (lua_type(L, -1) != LUA_TTABLE) apl_test_raise(L, "test-word", "a %s stands where a test belongs", luaL_typename(L, -1));
	for (lua_Unsigned i = 1, count = lua_rawlen(L, -1); i <= count; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i);
		take_any(L);
		lua_pop(L, 1);
	}
}

static void check_fields(lua_State *L) {
	static const char *const known[] = {"playbook", "starts", "params"};
	for (apl_test_pairs(L, lua_gettop(L)); apl_test_next(L); lua_pop(L, 2)) {
		if (lua_type(L, -2) != LUA_TSTRING) continue;
		const char *key = lua_tostring(L, -2);
		bool is_known = false;
		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) is_known = is_known || strcmp(key, known[i]) == 0;
		if (is_known) continue;
		const char *nearest = aplomb_nearest(key, known + 1, sizeof known / sizeof known[0] - 1);
		apl_test_raise(L, "test-word", "tests knows the fields starts and params, and not \"%.80s\"%s%s%s", key,
		    nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
	}
}

static void take_group(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	check_fields(L);
	apl_test_need_room(L, &file->groups, file->n_groups, &file->groups_capacity, sizeof *file->groups);
	apl_test_group *group = &file->groups[file->n_groups];
	*group = (apl_test_group){.starts_at = USUAL_START, .params = LUA_NOREF};
	file->n_groups++;
	lua_getfield(L, -1, "playbook");
	const char *path = lua_tostring(L, -1);
	apl_test_text_cut(&file->path_text, 0);
	apl_test_text_format(&file->path_text, "%s%s", path[0] == '/' ? "" : file->folder, path);
	group->path = apl_test_need_copy(L, apl_test_text_of(&file->path_text));
	lua_getfield(L, -2, "starts");
	aplomb_error error;
	if (!lua_isnil(L, -1)) {
		const char *starts = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
		if (aplomb_instant_read(starts, &group->starts_at, &error) != APLOMB_OK)
			apl_test_raise(L, "test-value", "starts: %s", error.message);
	}
	lua_pop(L, 2);
	lua_getfield(L, -1, "params");
	if (!lua_isnil(L, -1) && !lua_istable(L, -1)) apl_test_raise(L, "test-value", "params is a table of parameters");
	group->params = luaL_ref(L, LUA_REGISTRYINDEX);
	size_t before = file->n_items;
	take_any(L);
	if (file->n_items == before) apl_test_raise(L, "test-word", "there is no test of %s here", group->path);
}

void apl_test_take_tests(lua_State *L) {
	if (is_made_by(L, -1, &TESTS)) {
		take_group(L);
		return;
	}
	if (lua_type(L, -1) == LUA_TTABLE && lua_rawlen(L, -1) > 0) {
		for (lua_Unsigned i = 1, count = lua_rawlen(L, -1); i <= count; i++) {
			lua_rawgeti(L, -1, (lua_Integer)i);
			if (!is_made_by(L, -1, &TESTS))
				apl_test_raise(L, "test-word", "item %llu of what the file returns is not made by tests \"playbook.lua\" { … }",
				    (unsigned long long)i);
			take_group(L);
			lua_pop(L, 1);
		}
		return;
	}
	apl_test_raise(L, "test-word", "a file of tests returns what one word makes: return tests \"playbook.lua\" { … }");
}
