/* SPDX-License-Identifier: MIT */
/* Names in calls on `case` that name nothing are told when the playbook is loaded. */
#include "book.h"

static const char *found_in(const char *body) {
	static char source[1024];
	snprintf(source, sizeof source,
	    "return playbook \"p\" {\n"
	    "event \"go.on\" {}, effect \"say\" {}, counter \"goes\" { of = \"go\" },\n"
	    "state \"s\" { on \"go\" { act = function(case, event)\n%s\nend }, state \"t\" {} } }",
	    body);
	return findings_of(source);
}

static void a_name_that_is_declared_is_no_finding(void **state) {
	(void)state;
	assert_string_equal(
	    found_in("case:effect('say', {}) case:raise('go.on') return case:count('goes'), case:is_in('s.t'), case:time_in('s', 'stay')"), "");
}

static void each_kind_of_name_has_its_finding(void **state) {
	(void)state;
	static const struct {
		const char *body, *found;
	} cases[] = {
	    {"case:effect('sey', {})", "4 unknown-effect: case:effect: no effect \"sey\" is declared; did you mean \"say\"?\n"},
	    {"case:effect(\"sey\")", "4 unknown-effect: case:effect: no effect \"sey\" is declared; did you mean \"say\"?\n"},
	    {"case:raise('go.off')", "4 unknown-event: case:raise: no event \"go.off\" is declared; did you mean \"go.on\"?\n"},
	    {"return case:count('gose') > 2", "4 unknown-counter: case:count: there is no counter \"gose\"; did you mean \"goes\"?\n"},
	    {"return case:is_in('t')", "4 unknown-state: case:is_in: there is no state \"t\"; states are asked for by their whole path\n"},
	    {"return case:time_in('s.tt', 'total')",
	        "4 unknown-state: case:time_in: there is no state \"s.tt\"; states are asked for by their whole path; did you mean \"s.t\"?\n"},
	    {"case:effect('s\\x65y')", "4 unknown-effect: case:effect: no effect \"sey\" is declared; did you mean \"say\"?\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(found_in(cases[i].body), cases[i].found);
}

static void what_is_computed_is_left_to_run_time(void **state) {
	(void)state;
	static const char *const bodies[] = {"case:effect('se' .. 'y')", "local kind = 'sey' case:effect(kind)", "case:effect(('sey'):lower())",
	    "-- case:effect('sey')", "local text = [[case:effect('sey')]]", "local t = { effect = 'sey' } return t.effect"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) assert_string_equal(found_in(bodies[i]), "");
}

static void a_module_may_name_what_its_user_declares(void **state) {
	(void)state;
	static const book_file files[] = {{"m.lua", "return { say = function(case) case:effect('sey') end }"}, {0}};
	assert_string_equal(
	    findings_among("local m = require 'm' return playbook 'p' { event 'go' {}, state 's' { on 'go' { act = m.say } } }", files), "");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_that_is_declared_is_no_finding),
	    cmocka_unit_test(each_kind_of_name_has_its_finding),
	    cmocka_unit_test(what_is_computed_is_left_to_run_time),
	    cmocka_unit_test(a_module_may_name_what_its_user_declares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
