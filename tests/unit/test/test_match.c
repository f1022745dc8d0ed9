/* SPDX-License-Identifier: MIT */
/* When a value is as a test expects it. */
#include "test/inside.h"

#include "../test_cmocka.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static int open_lua(lua_State *L) {
	apl_test_open_lua(L);
	return 0;
}

static int begin(void **state) {
	apl_test_file *file = calloc(1, sizeof *file);
	file->path = strdup("x_test.lua");
	file->L = lua_newstate(apl_test_lua_alloc, file);
	*(apl_test_file **)lua_getextraspace(file->L) = file;
	lua_pushcfunction(file->L, open_lua);
	*state = file;
	return apl_test_call(file, 0, 0) ? 0 : 1;
}

static int end(void **state) {
	apl_test_close(*state);
	return 0;
}

/* (expected value, JSON) → does it match, why not */
static int match(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	aplomb_error error;
	aplomb_json *json;
	if (aplomb_json_read(&json, lua_tostring(L, 2), strlen(lua_tostring(L, 2)), &error) != APLOMB_OK)
		return luaL_error(L, "%s", error.message);
	file->world.read = json;
	apl_test_text_cut(&file->hint, 0);
	bool is_so = apl_test_matches(L, 1, aplomb_json_root(json), &file->hint);
	aplomb_json_free(json);
	file->world.read = NULL;
	lua_pushboolean(L, is_so);
	return 1;
}

/* [why] NULL: they match. */
static void matches(apl_test_file *file, const char *expected, const char *json, const char *why) {
	lua_State *L = file->L;
	char source[512];
	snprintf(source, sizeof source, "return %s", expected);
	lua_pushcfunction(L, match);
	if (luaL_loadstring(L, source) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) fail_msg("%s: %s", expected, lua_tostring(L, -1));
	lua_pushstring(L, json);
	if (!apl_test_call(file, 2, 1)) fail_msg("%s: %s", expected, file->raised);
	bool is_so = lua_toboolean(L, -1);
	lua_pop(L, 1);
	const char *told = is_so ? "" : apl_test_text_of(&file->hint);
	if (is_so != (why == NULL) || (why != NULL && strcmp(told, why) != 0))
		fail_msg("%s beside %s: %s \"%s\"", expected, json, is_so ? "matches" : "does not", told);
}

static void scalars_are_equal(void **state) {
	matches(*state, "1", "1", NULL);
	matches(*state, "1", "1.0", NULL);
	matches(*state, "0.5", "0.5", NULL);
	matches(*state, "9007199254740993", "9007199254740993", NULL);
	matches(*state, "9007199254740993", "9007199254740992", "expected 9007199254740993, found 9007199254740992");
	matches(*state, "\"a\"", "\"a\"", NULL);
	matches(*state, "true", "true", NULL);
	matches(*state, "true", "1", "expected true, found 1");
	matches(*state, "false", "null", "expected false, found null");
	matches(*state, "\"1\"", "1", "expected \"1\", found 1");
	matches(*state, "1", "\"1\"", "expected 1, found \"1\"");
	matches(*state, "\"a\\0b\"", "\"a\\u0000b\"", NULL);
}

static void a_map_has_at_least_these_members(void **state) {
	matches(*state, "{ a = 1 }", "{\"a\":1,\"b\":2}", NULL);
	matches(*state, "{ a = { b = { c = true } } }", "{\"a\":{\"b\":{\"c\":false}}}", "a.b.c: expected true, found false");
	matches(*state, "{ a = 1, b = 1 }", "{\"a\":2,\"b\":2}", "a: expected 1, found 2");
	matches(*state, "{ speling = 1 }", "{\"spelling\":1}", "speling: expected 1, found nothing; did you mean \"spelling\"?");
	matches(*state, "{ a = 1 }", "[1]", "expected { a = 1 }, found { 1 }");
	matches(*state, "{}", "{\"a\":1}", NULL);
	matches(*state, "{ [\"odd key\"] = 1 }", "{\"odd key\":2}", "odd key: expected 1, found 2");
}

static void a_list_has_just_these_items(void **state) {
	matches(*state, "{ 1, 2 }", "[1,2]", NULL);
	matches(*state, "{ 1, 2 }", "[1,3]", "[2]: expected 2, found 3");
	matches(*state, "{ 1, 2 }", "[1]", "expected 2 items, found 1: { 1 }");
	matches(*state, "{ a = { 1 } }", "{\"a\":[1,2]}", "a: expected 1 item, found 2: { 1, 2 }");
	matches(*state, "{ { id = \"x\" } }", "[{\"id\":\"y\",\"n\":1}]", "[1].id: expected \"x\", found \"y\"");
	matches(*state, "{}", "[]", NULL);
	matches(*state, "{}", "[1]", "expected 0 items, found 1: { 1 }");
	matches(*state, "list {}", "{}", "expected {}, found {}");
	matches(*state, "{ 1 }", "{\"a\":1}", "expected { 1 }, found { a = 1 }");
}

static void matchers_say_more_than_equal(void **state) {
	matches(*state, "{ a = anything, b = absent }", "{\"a\":false}", NULL);
	matches(*state, "{ a = anything }", "{}", "a: expected anything, found nothing");
	matches(*state, "{ a = absent }", "{\"a\":1}", "a: expected absent, found 1");
	matches(*state, "{ a = absent }", "{\"a\":null}", NULL);
	matches(*state, "contains \"ell\"", "\"hello\"", NULL);
	matches(*state, "contains \"x\"", "\"hello\"", "expected contains \"x\", found \"hello\"");
	matches(*state, "contains { id = \"b\" }", "[{\"id\":\"a\"},{\"id\":\"b\",\"n\":1}]", NULL);
	matches(*state, "contains(3)", "[1,2]", "expected contains 3, found { 1, 2 }");
	matches(*state, "contains \"\"", "\"\"", NULL);
	matches(*state, "matches \"^%a+%d$\"", "\"abc1\"", NULL);
	matches(*state, "matches \"^%d\"", "\"abc1\"", "expected matches \"^%d\", found \"abc1\"");
	matches(*state, "{ n = at_least(2), m = at_most(2.5) }", "{\"n\":2,\"m\":2.5}", NULL);
	matches(*state, "at_least(2)", "1.5", "expected at_least 2, found 1.5");
	matches(*state, "at_most(2)", "\"1\"", "expected at_most 2, found \"1\"");
	matches(*state, "any_of { 1, \"a\", { x = 1 } }", "{\"x\":1,\"y\":2}", NULL);
	matches(*state, "any_of { 1, 2 }", "3", "expected any_of { 1, 2 }, found 3");
	matches(*state, "other_than(1)", "2", NULL);
	matches(*state, "other_than(1)", "1", "expected other_than 1, found 1");
	matches(*state, "{ a = other_than(1) }", "{}", "a: expected other_than 1, found nothing");
	matches(*state, "only { a = 1 }", "{\"a\":1}", NULL);
	matches(*state, "{ x = only { a = 1 } }", "{\"x\":{\"a\":1,\"b\":2}}", "x.b is there too: 2");
	matches(*state, "ids { \"a\", \"b\" }", "[{\"id\":\"a\"},{\"id\":\"b\"}]", NULL);
	matches(*state, "ids { \"a\", \"b\" }", "[{\"id\":\"a\"},{\"id\":\"c\"}]", "[2].id: expected \"b\", found \"c\"");
	matches(*state, "ids { \"a\" }", "[]", "expected 1 item, found 0: {}");
}

static void functions_answer(void **state) {
	matches(*state, "function(v) return v.a + #v.b == 3 end", "{\"a\":1,\"b\":[1,2]}", NULL);
	matches(*state, "{ a = function(v) return v == nil end }", "{}", NULL);
	matches(*state, "{ a = function(v) return v > 1 end }", "{\"a\":1}", "a: expected what a function of the test accepts, found 1");
}

static void makes(apl_test_file *file, const char *source, const char *message) {
	lua_State *L = file->L;
	assert_int_equal(luaL_loadstring(L, source), LUA_OK);
	assert_false(apl_test_call(file, 0, 0));
	assert_string_equal(file->raised, message);
}

static void matchers_take_what_they_can_use(void **state) {
	makes(*state, "return contains()", "contains takes a value, and none was given");
	makes(*state, "return any_of(1)", "any_of takes a table: any_of { … }");
	makes(*state, "return only \"x\"", "only takes a table: only { … }");
	makes(*state, "return ids(1)", "ids takes a table: ids { … }");
	makes(*state, "return matches(1)", "matches takes a pattern, which is text");
	makes(*state, "return at_least \"x\"", "at_least takes a number");
	makes(*state, "return list(1)", "list takes a table: list { … }");
}

static void what_is_long_is_cut_between_characters(void **state) {
	apl_test_file *file = *state;
	apl_test_text out = {0};
	assert_int_equal(luaL_loadstring(file->L, "return ('äöü'):rep(150)"), LUA_OK);
	assert_true(apl_test_call(file, 0, 1));
	apl_test_show_lua(file->L, &out, -1);
	lua_pop(file->L, 1);
	assert_true(out.size < 410);
	assert_string_equal(out.bytes + out.size - 3, "…");
	assert_int_equal((unsigned char)out.bytes[out.size - 4] & 0x80, 0x80);
	apl_test_text_dispose(&out);
}

static void pairs_goes_in_the_order_of_the_keys(void **state) {
	apl_test_file *file = *state;
	lua_State *L = file->L;
	assert_int_equal(
	    luaL_loadstring(
	        L, "local told = '' for k in pairs { b = 1, a = 1, [2] = 1, [1] = 1, [0.5] = 1 } do told = told .. k .. ' ' end return told"),
	    LUA_OK);
	assert_true(apl_test_call(file, 0, 1));
	assert_string_equal(lua_tostring(L, -1), "0.5 1 2 a b ");
	lua_pop(L, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(scalars_are_equal, begin, end),
	    cmocka_unit_test_setup_teardown(a_map_has_at_least_these_members, begin, end),
	    cmocka_unit_test_setup_teardown(a_list_has_just_these_items, begin, end),
	    cmocka_unit_test_setup_teardown(matchers_say_more_than_equal, begin, end),
	    cmocka_unit_test_setup_teardown(functions_answer, begin, end),
	    cmocka_unit_test_setup_teardown(matchers_take_what_they_can_use, begin, end),
	    cmocka_unit_test_setup_teardown(what_is_long_is_cut_between_characters, begin, end),
	    cmocka_unit_test_setup_teardown(pairs_goes_in_the_order_of_the_keys, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
