/* SPDX-License-Identifier: MIT */
/* case:ask as a playbook writes it: what it may be given, and what is told when that is wrong. */

#include <string.h>

#include "book.h"
#include "time/instant.h"

static const char frame[] =
    "return playbook 'p' { params = { wait = span { default = '5m' } }, data = { n = integer { default = 0 } },\n"
    "event 'go' {}, event 'done.ask.look-up' { n = integer {} }, event 'done.ask.other' {}, effect 'look-up' { order = text { required = "
    "true }, n = integer {} },\n"
    "effect 'slow' { timeout = span {} },\n"
    "state 's' { on 'go' { act = function(case)\n%s end },\n"
    "on 'done.ask.look-up' { act = 'data.n = event.n' }, on 'done.ask.other' {}, on 'error.ask' { act = 'data.n = -1' } } }";

static void what_is_asked_wrongly_is_told(void **state) {
	(void)state;
	static const struct {
		const char *body, *mistake;
	} cases[] = {
	    {"case:ask('look-up', { order = 'A', timeout = '10s' })", ""},
	    {"case:ask('look-up', { order = 'A', n = 3, timeout = from_wait }, { id = 'other', because = 'so' })", ""},
	    {"case:ask('look-up', { order = 'A' })", "5 missing-field: case:ask: \"look-up\" needs a timeout, the span after which nobody has "
	                                             "answered: case:ask(\"…\", { …, timeout = "
	                                             "\"10s\" })"},
	    {"case:ask('look-up')", "5 missing-field: case:ask: \"look-up\" needs a timeout, the span after which nobody has answered: "
	                            "case:ask(\"…\", { …, timeout = "
	                            "\"10s\" })"},
	    {"case:ask('look-up', { order = 'A', timeout = '0s' })",
	        "5 bad-span: \"look-up\" is asked with a timeout of no time at all: give a span of more than zero"},
	    {"case:ask('look-up', { order = 'A', timeout = 'soon' })",
	        "5 span: case:ask: timeout: \"soon\" is no span such as \"1h30m\": a number and its unit were expected, such as \"90s\""},
	    {"case:ask('look-up', { timeout = '10s' })", "5 missing-field: effect \"look-up\".order: required, but missing; expected text"},
	    {"case:ask('look-up', { order = 'A', odrer = 'B', timeout = '10s' })",
	        "5 unknown-field: effect \"look-up\" has no field \"odrer\"; did you mean \"order\"?"},
	    {"case:ask('look-up', 'A')", "5 wrong-type: case:ask: the fields and the timeout stand in a table, found text"},
	    {"case:ask('look' .. '-down', { timeout = '1s' })", "5 unknown-effect: effect \"look-down\" is not declared"},
	    {"case:ask('look-up', { order = 'A', timeout = '10s' }, { id = 'stock' })",
	        "5 unknown-event: no event says what answers \"stock\": declare event \"done.ask.stock\" with what the answer carries"},
	    {"case:ask('look-up', { order = 'A', timeout = '10s' }, { id = '' })",
	        "5 unknown-event: no event says what answers \"\": declare event \"done.ask.\" with what the answer carries"},
	    {"case:ask('look-up', { order = 'A', timeout = '10s' }, { timeout = '10s' })",
	        "5 unknown-field: case:ask: behind the fields stands { id = \"…\", because = \"…\" } and nothing else"},
	    {"case:ask('look-up', { order = 'A', timeout = '10s' }, 'stock')",
	        "5 wrong-type: case:ask: behind the fields stands { id = \"…\", because = \"…\" }, found text"},
	    {"case:ask('slow', { timeout = '10s' })", "5 reserved-field: effect \"slow\" has a field \"timeout\" of its own, so case:ask "
	                                              "cannot ask for it; call the field otherwise"},
	    {"case.ask('look-up', {})", "5 wrong-type: ask is called with a colon: case:ask(…)"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char source[2048], whole[2200];
		snprintf(source, sizeof source, frame, cases[i].body);
		snprintf(whole, sizeof whole, "local from_wait = from 'params.wait' %s", source);
		book b = {0};
		book_open(&b, whole, NULL);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		assert_string_equal(mistake_of(&b), cases[i].mistake);
		book_close(&b);
	}
}

static void a_timeout_may_come_from_params_and_the_table_is_as_it_was(void **state) {
	(void)state;
	char source[2048];
	snprintf(source, sizeof source, frame,
	    "local what = { order = 'A', timeout = from_wait } case:ask('look-up', what) assert(what.timeout == from_wait and what.order == "
	    "'A')");
	char whole[2200];
	snprintf(whole, sizeof whole, "local from_wait = from 'params.wait' %s", source);
	book b = {0};
	book_open(&b, whole, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(line_of(&b), "'due':'2026-01-01T00:05:00Z','event':'error.ask.look-up','id':'look-up'");
	wait_for(&b, 5 * APL_MINUTE);
	assert_string_equal(data_of(&b), "{'n':-1}");
	book_close(&b);
}

static void a_guard_may_not_ask(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { event 'go' {}, event 'done.ask.e' {}, effect 'e' {},\n"
	    "state 's' { on 'go' { when = function(case) case:ask('e', { timeout = '1s' }) return true end }, on 'done.ask.e' {}, on "
	    "'error.ask.e' {} } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "2 guard-writes: a guard may look but not touch: case:ask is to be called in an action");
	book_close(&b);
}

static void what_answers_is_known_when_it_is_loaded(void **state) {
	(void)state;
	assert_string_equal(findings_of("return playbook 'p' { event 'done.ask.e' { n = integer {} },\n"
	                                "event 'error.ask.e' {}, effect 'e' {},\n"
	                                "state 's' { on 'done.ask.e' { act = 'data.x = 1' },\n"
	                                "on 'error.ask.e' { when = 'event.message == 3' },\n"
	                                "on 'error.ask.f' {},\n"
	                                "entry(function(case) case:ask('f', { timeout = '1s' }) end) } }"),
	    "2 bad-event-name: event \"error.ask.e\": it is there with the event \"done.ask.e\", which answers the same question, and is "
	    "declared by nobody else\n"
	    "3 unknown-field: on \"done.ask.e\": act: data has no field \"x\"\n"
	    "4 wrong-type: on \"error.ask.e\": when: event.message is text and 3 is an integer; == compares like with like\n"
	    "5 unknown-event: state \"s\": event \"error.ask.f\" is not declared; did you mean \"error.ask.e\"?\n"
	    "6 unknown-effect: case:ask: no effect \"f\" is declared\n");
	/* Fields of what carries no answer are none of those that any event may have. */
	assert_string_equal(findings_of("return playbook 'p' { event 'done.ask.e' {}, event 'go' { message = integer {}, line = text {} },\n"
	                                "state 's' { entry('data.n = event.message'), on { 'go', 'done.ask.e', 'error.ask' } {} },\n"
	                                "data = { n = integer {} } }"),
	    "");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_asked_wrongly_is_told),
	    cmocka_unit_test(a_timeout_may_come_from_params_and_the_table_is_as_it_was),
	    cmocka_unit_test(a_guard_may_not_ask),
	    cmocka_unit_test(what_answers_is_known_when_it_is_loaded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
