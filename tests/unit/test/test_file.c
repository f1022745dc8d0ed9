/* SPDX-License-Identifier: MIT */
/* What a file of tests is, and what is said of one that is none. */
#include "beside.h"

#define ONE "test \"one\" (function(case) end)"

static void refuses(beside *b, const char *tests, const char *slug, uint32_t line, const char *message) {
	assert_int_equal(beside_open(b, tests), APLOMB_EPLAYBOOK);
	if (strcmp(b->error.message, message) != 0) fail_msg("%s\nsays: %s", tests, b->error.message);
	assert_string_equal(b->error.slug, slug);
	assert_int_equal(b->error.line, line);
}

static void tests_are_counted_and_named_in_the_order_of_the_file(void **state) {
	beside *b = *state;
	assert_int_equal(beside_open(b, "local list = {}\nfor i = 1, 2 do list[i] = test(\"loop \" .. i) (function() end) end\n"
	                                "return tests \"desk.lua\" {\n" ONE ",\nlist,\n"
	                                "each { { \"1h\" }, { \"2h\", n = 3, \"\" } } \"row {1}\" (function(case, row) end) }"),
	    APLOMB_OK);
	static const struct {
		const char *name;
		uint32_t line;
	} wanted[] = {{"one", 4}, {"loop 1", 2}, {"loop 2", 2}, {"row 1h", 6}, {"row 2h", 6}};
	assert_int_equal(apl_test_count(b->file), 5);
	for (size_t i = 0; i < 5; i++) {
		uint32_t line;
		assert_string_equal(apl_test_name(b->file, i, &line), wanted[i].name);
		assert_int_equal(line, wanted[i].line);
	}
}

static void a_file_may_test_several_playbooks(void **state) {
	beside *b = *state;
	beside_write(b, "other.lua", "return playbook \"other\" { event \"go\" {}, state \"here\" {} }");
	assert_int_equal(beside_open(b, "return { tests \"desk.lua\" { " ONE " },\n"
	                                "tests \"other.lua\" { test \"two\" (function(case) case:event \"go\" case:expect \"here\" end) } }"),
	    APLOMB_OK);
	assert_int_equal(apl_test_count(b->file), 2);
	apl_test_result result;
	assert_int_equal(apl_test_run(b->file, 1, &result, NULL), APLOMB_OK);
	assert_true(result.passed);
}

static void rows_fill_names_with_texts_numbers_and_tables(void **state) {
	beside *b = *state;
	assert_int_equal(
	    beside_open(
	        b, "return tests \"desk.lua\" { each { { a = 1.5, [\"b c\"] = { \"x\", y = true } } } \"{a} {b c}\" (function() end) }"),
	    APLOMB_OK);
	assert_string_equal(apl_test_name(b->file, 0, NULL), "1.5 { \"x\", y = true }");
}

static void what_is_no_file_of_tests_says_so(void **state) {
	beside *b = *state;
	static const char whole[] = "a file of tests returns what one word makes: return tests \"playbook.lua\" { … }";
	refuses(b, "return 1", "test-word", 0, whole);
	refuses(b, "", "test-word", 0, whole);
	refuses(b, "return {}", "test-word", 0, whole);
	refuses(b, "return { 1 }", "test-word", 0, "item 1 of what the file returns is not made by tests \"playbook.lua\" { … }");
	assert_int_equal(beside_open(b, "return tests \"desk.lua\" {}"), APLOMB_EPLAYBOOK);
	assert_int_equal(strncmp(b->error.message, "there is no test of ", 20), 0);
}

static void words_used_wrongly_are_told_with_their_line(void **state) {
	beside *b = *state;
	static const char function[] = "a test has no function: write test \"name\" (function(case) … end)";
	refuses(b, "return tests \"desk.lua\" { test \"one\" }", "test-word", 0, function);
	refuses(b, "\nreturn tests \"desk.lua\" { test { } }", "test-word", 2, "test takes a name, which is text");
	refuses(b, "return tests \"desk.lua\" { test \"\" (print) }", "test-word", 1, "test takes a name, which is text");
	refuses(
	    b, "return tests \"desk.lua\" { test \"a\" { } }", "test-word", 1, "test \"a\" goes on with its function: (function(case) … end)");
	refuses(b, "return tests \"desk.lua\" (3)", "test-word", 1,
	    "tests \"desk.lua\" goes on with a table of tests: { test \"…\" (function(case) … end) }");
	refuses(b, "return tests \"desk.lua\" { 7 }", "test-word", 0, "a number stands where a test belongs");
	refuses(b, "return tests \"desk.lua\" { start = \"x\", " ONE " }", "test-word", 0,
	    "tests knows the fields starts and params, and not \"start\"; did you mean \"starts\"?");
	refuses(b, "return tests \"desk.lua\" { params = 1, " ONE " }", "test-value", 0, "params is a table of parameters");
	refuses(b, "return tests \"desk.lua\" { starts = \"monday\", " ONE " }", "test-value", 0,
	    "starts: \"monday\" is no instant such as \"2026-11-23T13:06:00Z\": it begins with the four digits of the year");
	refuses(b, "each {} \"x\" (print)", "test-word", 1,
	    "each takes a list of rows: each { { … }, { … } } \"name\" (function(case, row) … end)");
	refuses(b, "each { 1 } \"x\" (print)", "test-word", 1, "each takes a list of rows, each of them a table; row 1 is none");
	refuses(b, "each { {} } \"{x}\" (print)", "test-word", 1, "the name speaks of {x}, and a row has no such member");
	refuses(b, "each { {} } \"{x\" (print)", "test-word", 1, "the name has a \"{\" and no \"}\" behind it: {x");
	refuses(b, "\n\ntset \"one\"", "test-word", 3,
	    "\"tset\" is no word of tests, no library and no local variable here; did you mean \"test\"?");
	refuses(b, "answer = 42", "test-global", 1,
	    "\"answer\" would be a global variable, which every test could see; write \"local answer = …\"");
}

static void two_tests_of_one_name_are_refused(void **state) {
	refuses(*state, "return tests \"desk.lua\" {\n" ONE ",\n" ONE " }", "test-name-twice", 0,
	    "two tests are called \"one\", in lines 2 and 3; tell them apart by their names");
}

static void errors_of_lua_have_their_line(void **state) {
	beside *b = *state;
	refuses(b, "return tests \"desk.lua\" {\n", "test-lua", 2, "unexpected symbol near <eof>");
	refuses(b, "\nerror \"no\"", "test-lua", 2, "no");
	refuses(b, "\nerror { 1 }", "test-lua", 2, "an error that is a table and no text");
	refuses(b, "\nlocal x\nx.y = 1", "test-lua", 3, "attempt to index a nil value (local 'x')");
	refuses(b, "\033Lua", "test-lua", 0, "attempt to load a binary chunk (mode is 't')");
}

static void the_world_is_not_there(void **state) {
	beside *b = *state;
	static const char *const names[] = {
	    "os", "io", "debug", "load", "loadfile", "dofile", "collectgarbage", "coroutine", "package", "getmetatable", "_G", "loadstring"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char tests[64], message[128];
		snprintf(tests, sizeof tests, "return %s.x", names[i]);
		assert_int_equal(beside_open(b, tests), APLOMB_EPLAYBOOK);
		snprintf(message, sizeof message, "\"%s\" is no word of tests", names[i]);
		assert_int_equal(strncmp(b->error.message, message, strlen(message)), 0);
	}
	refuses(b, "return string.dump(print)", "test-lua", 1, "attempt to call a nil value (field 'dump')");
}

static void limits_end_what_does_not_end(void **state) {
	beside *b = *state;
	static const char loop[] = "more Lua instructions than the 200000 that a test may take; is there a loop without an end?";
	refuses(b, "while true do end", "test-limit", 1, loop);
	refuses(b, "while true do pcall(function() while true do end end) end", "test-limit", 1, loop);
	refuses(b, "local t = {} for i = 1, 100000 do t[i] = (\"x\"):rep(1000) .. i end", "test-limit", 0,
	    "the tests need more memory than they may have; is there a table that grows without an end?");
	beside_fails(b, "while true do end", 1, loop);
	/* The next one begins anew. */
	beside_passes(b, "for i = 1, 10000 do local _ = i end");
}

static void modules_stand_beside_the_file(void **state) {
	beside *b = *state;
	beside_write(b, "helper.lua", "local M = { n = 0 }\nfunction M.open(case) M.n = M.n + 1 case:customer \"x\" return M.n end\nreturn M");
	assert_int_equal(
	    beside_open(b,
	        "local helper = require \"helper\"\nassert(require \"helper\" == helper)\n"
	        "return tests \"desk.lua\" { test \"it\" (function(case) case:open { data = { order = \"A\" } } helper.open(case) end) }"),
	    APLOMB_OK);
	apl_test_result result;
	assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
	assert_true(result.passed);
	beside_write(b, "helper.lua", "return {");
	assert_int_equal(beside_open(b, "require \"helper\""), APLOMB_EPLAYBOOK);
	assert_non_null(strstr(b->error.message, "helper.lua:1: unexpected symbol near <eof>"));
	assert_int_equal(beside_open(b, "\nrequire \"nothing\""), APLOMB_EPLAYBOOK);
	assert_non_null(strstr(b->error.message, "nothing.lua that can be read"));
	assert_int_equal(b->error.line, 2);
	refuses(b, "require \"../x\"", "test-module", 1,
	    "require takes the name of a file beside the tests, without .lua: small letters, digits, \"_\" and \"-\"");
}

static void a_playbook_with_errors_says_them(void **state) {
	beside *b = *state;
	beside_write(b, "other.lua", "return playbook \"other\" { event \"go\" {}, state \"a\" { on \"go\" { to = \"b\" }, on \"gone\" {} } }");
	assert_int_equal(beside_open(b, "return tests \"other.lua\" { " ONE " }"), APLOMB_EPLAYBOOK);
	assert_int_equal(b->findings, 2);
	assert_int_equal(beside_open(b, "return tests \"nowhere.lua\" { " ONE " }"), APLOMB_EIO);
	assert_string_equal(b->error.slug, "file-unreadable");
	assert_int_equal(apl_test_open(&b->file, "nowhere_test.lua", NULL, &b->error), APLOMB_EIO);
	assert_string_equal(b->error.message, "cannot read the tests nowhere_test.lua");
}

static void first_lines_for_a_system_and_marks_of_order_are_skipped(void **state) {
	refuses(*state, "\xEF\xBB\xBF#!/usr/bin/env aplomb\nerror \"no\"", "test-lua", 2, "no");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    BESIDE_TEST(tests_are_counted_and_named_in_the_order_of_the_file),
	    BESIDE_TEST(a_file_may_test_several_playbooks),
	    BESIDE_TEST(rows_fill_names_with_texts_numbers_and_tables),
	    BESIDE_TEST(what_is_no_file_of_tests_says_so),
	    BESIDE_TEST(words_used_wrongly_are_told_with_their_line),
	    BESIDE_TEST(two_tests_of_one_name_are_refused),
	    BESIDE_TEST(errors_of_lua_have_their_line),
	    BESIDE_TEST(the_world_is_not_there),
	    BESIDE_TEST(limits_end_what_does_not_end),
	    BESIDE_TEST(modules_stand_beside_the_file),
	    BESIDE_TEST(a_playbook_with_errors_says_them),
	    BESIDE_TEST(first_lines_for_a_system_and_marks_of_order_are_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
