/* SPDX-License-Identifier: MIT */
/* A session's names are values that are written in front of what is typed. */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "repl/lua.h"

static void a_name_with_an_equals_sign_keeps_what_stands_behind_it(void **state) {
	(void)state;
	static const struct {
		const char *text, *name, *rest; /* name NULL: it keeps nothing */
	} cases[] = {{"x = 5", "x", "5"}, {"x=5", "x", "5"}, {"_x1 =  data.value + 1", "_x1", "data.value + 1"}, {"x =", "x", ""},
	    {"x = {\n  1,\n}", "x", "{\n  1,\n}"}, {"x == 5", NULL, NULL}, {"data.x = 5", NULL, NULL}, {"x.y = 5", NULL, NULL},
	    {"x, y = 1, 2", NULL, NULL}, {"local x = 5", NULL, NULL}, {"end = 5", NULL, NULL}, {"5 = x", NULL, NULL}, {"x", NULL, NULL},
	    {"", NULL, NULL}, {"x[1] = 5", NULL, NULL}, {"é = 5", NULL, NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *rest = NULL;
		char *name = repl_own_names_kept(cases[i].text, &rest);
		if (cases[i].name == NULL) {
			if (name != NULL) fail_msg("%s keeps \"%s\"", cases[i].text, name);
		} else {
			if (name == NULL) fail_msg("%s keeps nothing", cases[i].text);
			assert_string_equal(name, cases[i].name);
			assert_string_equal(rest, cases[i].rest);
		}
		free(name);
	}
}

static void only_names_that_are_mentioned_are_declared(void **state) {
	(void)state;
	repl_own_names names = {0};
	repl_own_names_keep(&names, "x", "5");
	repl_own_names_keep(&names, "half", "money \"15.00 GBP\"");
	repl_own_names_keep(&names, "x", "6"); /* another value */
	assert_string_equal(repl_own_names_find(&names, "x"), "6");
	assert_null(repl_own_names_find(&names, "y"));
	static const struct {
		const char *text, *declared;
	} cases[] = {{"x + 1", "local x = 6; "}, {"half + x", "local x = 6; local half = money \"15.00 GBP\"; "}, {"max", ""}, {"x1", ""},
	    {"_x", ""}, {"data.x", ""}, {"case:x()", ""}, {"t[x]", "local x = 6; "}, {"'a'..x", "local x = 6; "},
	    {"data.x + x", "local x = 6; "}, {"f(x)", "local x = 6; "}, {"", ""}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		repl_text out = {0};
		repl_own_names_declare(&names, cases[i].text, &out);
		if (strcmp(repl_text_of(&out), cases[i].declared) != 0) fail_msg("%s declares %s", cases[i].text, repl_text_of(&out));
		repl_text_dispose(&out);
	}
	repl_own_names_dispose(&names);
	assert_int_equal(names.count, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_with_an_equals_sign_keeps_what_stands_behind_it),
	    cmocka_unit_test(only_names_that_are_mentioned_are_declared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
