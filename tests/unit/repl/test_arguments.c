/* SPDX-License-Identifier: MIT */
/* Tables and values as people type them, and the JSON they become. */
#include "../test_cmocka.h"

#include <string.h>

#include "repl/inside.h"

typedef struct reading {
	const char *typed, *json, *rest;
} reading;

static void a_table_of_lua_or_json_becomes_json(void **state) {
	(void)state;
	static const reading readings[] = {
	    {"{}", "{}", ""},
	    {" { a = 1, b = \"x\" } by agent", "{\"a\":1,\"b\":\"x\"}", " by agent"},
	    {"{\"a\": 1, 'b' : true,}", "{\"a\":1,\"b\":true}", ""},
	    {"{ [\"with space\"] = nil; c = null }", "{\"with space\":null,\"c\":null}", ""},
	    {"{ list = { 1, -2.5, 1e6 }, none = [], map = {} }", "{\"list\":[1,-2.5,1e6],\"none\":[],\"map\":{}}", ""},
	    {"{ { a = 1 }, { a = 2 } }", "[{\"a\":1},{\"a\":2}]", ""},
	    {"{ a = 'it\\'s \"so\"\\n' }", "{\"a\":\"it's \\\"so\\\"\\u000a\"}", ""},
	    {"{ a = \"\\u00e9\\u{1F600}\\ud83d\\ude00\" }", "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\xF0\x9F\x98\x80\"}", ""},
	    {"{ a = 1, -- the first\n b = 2 }", "{\"a\":1,\"b\":2}", ""},
	    {"{ truth = true, nilly = \"nil\" }", "{\"truth\":true,\"nilly\":\"nil\"}", ""},
	};
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		const char *at = readings[i].typed;
		char why[200] = "";
		repl_text out = {0};
		if (!repl_table(&at, &out, why, sizeof why)) fail_msg("%s: %s", readings[i].typed, why);
		assert_string_equal(repl_text_of(&out), readings[i].json);
		assert_string_equal(at, readings[i].rest);
		aplomb_json *json;
		assert_int_equal(aplomb_json_read(&json, out.bytes, out.size, NULL), APLOMB_OK);
		aplomb_json_free(json);
		repl_text_dispose(&out);
	}
}

static void a_table_that_is_none_says_what_was_expected(void **state) {
	(void)state;
	static const struct {
		const char *typed, *why;
	} wrongs[] = {
	    {"{ a = }", "expected a value before `}`"},
	    {"{ a = 1", "the table ends too early: expected a comma or }"},
	    {"{ a = 1 b = 2 }", "expected a comma or } before `b = 2 }`"},
	    {"{ a = word }", "expected a text in quotes, a number, true, false or a table before `word }`"},
	    {"{ a = \"open }", "the table ends too early: expected the closing \""},
	    {"{ a = 1, 2 }", "expected name = value, as the others have it before `2 }`"},
	    {"{ 1, a = 2 }", "expected a value without a name, as the others are before `a = 2 }`"},
	    {"{ a = 0x10 }", "expected a number such as 3, -0.8 or 1e6 before `0x10 }`"},
	    {"{ a = 01 }", "expected a number such as 3, -0.8 or 1e6 before `01 }`"},
	    {"{ a = \"\\q\" }", "expected an escape such as \\n or \\\" before `q\" }`"},
	    {"order", "expected a table: { name = value, … } before `order`"},
	    {"", "the table ends too early: expected a table: { name = value, … }"},
	};
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		const char *at = wrongs[i].typed;
		char why[200] = "";
		repl_text out = {0};
		assert_false(repl_table(&at, &out, why, sizeof why));
		assert_string_equal(why, wrongs[i].why);
		repl_text_dispose(&out);
	}
	/* Deep, but not without end. */
	char deep[300];
	memset(deep, '{', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	const char *at = deep;
	char why[200];
	repl_text out = {0};
	assert_false(repl_table(&at, &out, why, sizeof why));
	assert_non_null(strstr(why, "fewer tables within tables"));
	repl_text_dispose(&out);
}

static void a_bare_word_is_a_text_where_a_value_stands(void **state) {
	(void)state;
	static const reading readings[] = {
	    {"product rest", "\"product\"", " rest"},
	    {"-0.8", "-0.8", ""},
	    {"true", "true", ""},
	    {"trueish", "\"trueish\"", ""},
	    {"\"two words\" x", "\"two words\"", " x"},
	    {"{ a = 1 }", "{\"a\":1}", ""},
	};
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		const char *at = readings[i].typed;
		char why[200] = "";
		repl_text out = {0};
		if (!repl_value(&at, &out, why, sizeof why)) fail_msg("%s: %s", readings[i].typed, why);
		assert_string_equal(repl_text_of(&out), readings[i].json);
		assert_string_equal(at, readings[i].rest);
		repl_text_dispose(&out);
	}
}

static void words_end_at_blanks(void **state) {
	(void)state;
	const char *at = "  one\ttwo  ";
	char word[8];
	assert_true(repl_word(&at, word, sizeof word));
	assert_string_equal(word, "one");
	assert_true(repl_word(&at, word, sizeof word));
	assert_string_equal(word, "two");
	assert_false(repl_word(&at, word, sizeof word));
	at = "muchtoolong";
	assert_false(repl_word(&at, word, sizeof word));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_table_of_lua_or_json_becomes_json),
	    cmocka_unit_test(a_table_that_is_none_says_what_was_expected),
	    cmocka_unit_test(a_bare_word_is_a_text_where_a_value_stands),
	    cmocka_unit_test(words_end_at_blanks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
