/* SPDX-License-Identifier: MIT */
/* What a playbook may say of an invoke, and what it is told when it says something else. */
#include <string.h>

#include "book.h"

#define BOOK(children) "return playbook 'order' {\nevent 'e' {}, data = { n = integer {} },\nstate 'a' {\n" children "\n},\n}\n"

static void assert_found(const char *source, const char *expected) {
	const char *found = findings_of(source);
	if (strcmp(found, expected) != 0) fail_msg("found\n%s\nexpected\n%s", found, expected);
}

static void an_invoke_is_checked_like_every_word(void **state) {
	(void)state;
	assert_found(
	    BOOK("invoke 'check' { data = { amount = from 'data.n', many = { 1, 2 }, more = { deep = from 'data.n' } }, because = 'x' }"), "");
	assert_found(BOOK("invoke 'check' { dat = {} }"), "4 unknown-field: invoke \"check\" has no field \"dat\"; did you mean \"data\"?\n");
	assert_found(BOOK("invoke 'check' { data = 7 }"), "4 wrong-kind: invoke \"check\": data must be a function of the playbook or a table "
	                                                  "of names and values, such as { amount = from \"data.total\" }, found an "
	                                                  "integer\n");
	assert_found(BOOK("invoke 'check' { params = { 1 } }"), "4 wrong-kind: invoke \"check\": params must be a function of the playbook or "
	                                                        "a table of names and values, such as { amount = from \"data.total\" }, "
	                                                        "found a table\n");
	assert_found(BOOK("invoke 'check' { data = { f = function() end } }"),
	    "4 wrong-kind: invoke \"check\": data must be a function of the playbook or a table of names and values, such as { amount = from "
	    "\"data.total\" }, found a "
	    "table\n");
	assert_found(
	    BOOK("invoke 'check' { autoforward = 'yes' }"), "4 wrong-kind: invoke \"check\": autoforward must be true or false, found text\n");
	assert_found(BOOK("invoke 'check' { id = 'a b' }"),
	    "4 bad-text: invoke \"check\": the id \"a b\" has a space in it; several names are a list: { \"a\", \"b\" }\n");
	assert_found(
	    BOOK("invoke 'check' { finalize = 'data.m = 1' }"), "4 unknown-field: invoke \"check\": finalize: data has no field \"m\"\n");
	assert_found(
	    BOOK("invoke 'check' { data = { amount = from 'data.m' } }"), "4 unknown-field: from \"data.m\": there is no such field\n");
	assert_found(BOOK("invoke 'check'"), "4 word-call: invoke \"check\" has no table; write invoke \"playbook\" { … }\n");
	assert_found("return playbook 'order' {\ninvoke 'check' {},\nstate 'a' {},\n}\n",
	    "2 wrong-place: invoke \"check\" stands in playbook \"order\"; its place is in state or parallel\n");
}

static void ids_and_their_events_are_the_invokes(void **state) {
	(void)state;
	assert_found(BOOK("invoke 'check' { id = 'x' },\ninvoke 'check' { id = 'x' }"),
	    "5 duplicate-invoke: state \"a\": an invoke of the id \"x\" is there already, in line 4; give one of them another id\n");
	assert_found(
	    BOOK("invoke 'check' {}, invoke 'check' {}, on 'done.invoke.a.1' { to = 'b' }, on 'error.invoke.a.2' { to = 'b' }, state 'b' {}"),
	    "");
	assert_found(BOOK("invoke 'check' { id = 'x' }, on 'done.invoke.y' { to = 'b' }, state 'b' {}"),
	    "4 unknown-event: state \"a\": event \"done.invoke.y\" is not declared; did you mean \"done.invoke.x\"?\n");
	assert_found(BOOK("event 'error.invoke.x' {}, invoke 'check' { id = 'x' }"),
	    "4 bad-event-name: event \"error.invoke.x\": it is there with the invoke \"x\", and is declared by nobody else\n");
}

static void donedata_stand_at_the_top(void **state) {
	(void)state;
	assert_found("return playbook 'p' { final 'over' { donedata = function(case) return { n = 1 } end } }", "");
	assert_found(BOOK("state 'b' {},\nfinal 'c' { donedata = function(case) return { n = 1 } end }"),
	    "5 donedata-not-imported: final \"c\": donedata is what a case tells whoever invoked it, so it stands at a final at the top; here "
	    "an exit or an event says "
	    "what came of it\n");
}

static void what_an_invoke_reaches_is_pure(void **state) {
	(void)state;
	assert_found("local n = 0\nreturn playbook 'p' { state 'a' {\ninvoke 'check' { data = function() n = n + 1 return {} end } } }",
	    "3 upvalue-write: \"n\" is a variable outside of this function, which runs later: all cases would share it, and no journal would "
	    "know of it; keep it in "
	    "case.data, or make it local to the function\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_invoke_is_checked_like_every_word),
	    cmocka_unit_test(ids_and_their_events_are_the_invokes),
	    cmocka_unit_test(donedata_stand_at_the_top),
	    cmocka_unit_test(what_an_invoke_reaches_is_pure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
