/* SPDX-License-Identifier: MIT */
/* What `case` answers and takes. */
#include <stdio.h>
#include <string.h>

#include "book.h"
#include "time/instant.h"

#define CHECK(cases) check_actions((cases), sizeof(cases) / sizeof *(cases), "{'tone':5,'text':'hi','place':{'city':'Bath'}}", line_of)

static void effects_carry_what_they_declare(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case:effect('tell', { whom = 'lead' })", "", "{'data':{'whom':'lead'},'do':'effect','kind':'tell'}"},
	    /* A reason that there may be. */
	    {"case:effect('tell', { whom = 'lead' }, { because = nil })", "", "{'data':{'whom':'lead'},'do':'effect','kind':'tell'}"},
	    {"case:effect('tell', { whom = 'lead', times = 2, more = { a = { 1 } } }, { because = 'it is late' })", "",
	        "{'because':'it is late','data':{'more':{'a':[1]},'times':2,'whom':'lead'},'do':'effect','kind':'tell'}"},
	    {"case:effect('tell', { whom = 'lead', more = event.place })", "", "'more':{'city':'Bath'}"},
	    {"case:effect('tell', { whom = 'lead', more = case.params.limit })", "", "'more':'40.00 GBP'"},
	    {"case:effect('t' .. 'el', { whom = 'lead' })", "11 unknown-effect: effect \"tel\" is not declared; did you mean \"tell\"?", NULL},
	    {"case:effect('tell', { who = 'lead' })", "11 unknown-field: effect \"tell\" has no field \"who\"; did you mean \"whom\"?", NULL},
	    {"case:effect('tell', {})", "11 missing-field: effect \"tell\".whom: required, but missing; expected text", NULL},
	    {"case:effect('tell')", "11 missing-field: effect \"tell\".whom: required, but missing; expected text", NULL},
	    {"case:effect('tell', { whom = 5 })", "11 wrong-type: effect \"tell\".whom: expected text, found the integer 5", NULL},
	    {"case:effect('tell', { whom = 'x', more = function() end })", "11 wrong-type: effect \"tell\".more: a function is no value", NULL},
	    {"case:effect('tell', 'lead')", "11 wrong-type: effect \"tell\": a table of its fields was expected, found text", NULL},
	    {"case:effect('tell', { 'lead', whom = 'x' })", "11 unknown-field: effect \"tell\": [1] is no name of a field", NULL},
	    {"case:effect('tell', { whom = 'x' }, 'why')",
	        "11 wrong-type: case:effect: behind the fields stands { because = \"\xe2\x80\xa6\" }, found text", NULL},
	    {"case:effect('tell', { whom = 'x' }, { becuase = 'why' })",
	        "11 unknown-field: case:effect: behind the fields stands { because = \"\xe2\x80\xa6\" } and nothing else", NULL},
	    {"case:effect('tell', { whom = 'x' }, { because = 5 })", "11 wrong-type: case:effect: because must be text, found an integer",
	        NULL},
	    {"case:effect()", "11 wrong-type: case:effect: the kind must be text, found nothing", NULL},
	    {"case.effect('tell', { whom = 'x' })", "11 wrong-type: effect is called with a colon: case:effect(\xe2\x80\xa6)", NULL},
	    {"local e = case.effect e(case, 'tell', { whom = 'x' })", "", "'kind':'tell'"},
	};
	CHECK(cases);
}

static void events_can_be_raised_and_sent(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case:raise('other', { elsewhere = 3 })", "", "{'data':{'elsewhere':3},'do':'raise','event':'other'}"},
	    {"case:raise('bare')", "", "{'data':{},'do':'raise','event':'bare'}"},
	    {"case:raise('bare', {})", "", "'do':'raise','event':'bare'"},
	    {"case:raise('bar' .. 're')", "11 unknown-event: event \"barre\" is not declared by playbook \"one\"; did you mean \"bare\"?",
	        NULL},
	    {"case:raise('bare', { x = 1 })", "11 unknown-field: event \"bare\" has no field \"x\"", NULL},
	    {"case:raise('other', { elsewhere = 'x' })", "11 wrong-type: event \"other\".elsewhere: expected an integer, found the text \"x\"",
	        NULL},
	    {"case:raise(5)", "11 wrong-type: case:raise: the event's name must be text, found an integer", NULL},
	    {"case:send { event = 'bare', after = '2h', id = 'r' }", "",
	        "'do':'arm','due':'2026-01-01T02:00:00Z','event':'bare','id':'r','timer':'send'"},
	    {"case:send { event = 'bare', after = 1000000 }", "", "'due':'2026-01-01T00:00:01Z'"},
	    {"case:send { event = 'other', data = { elsewhere = 1 }, to = 'd' }", "", "'do':'send','event':'other','to':'d'"},
	    {"case:send { event = 'bare', after = '2h', id = 'r' } case:cancel('r')", "", "{'do':'cancel','id':'r','timer':'send'}"},
	    {"case:cancel('unknown')", "", NULL},
	    {"case:send { evnt = 'bare' }", "11 unknown-field: case:send has no field \"evnt\"; did you mean \"event\"?", NULL},
	    {"case:send {}", "11 missing-field: case:send needs the field \"event\"", NULL},
	    {"case:send('bare')", "11 wrong-type: case:send takes a table: case:send { event = \"\xe2\x80\xa6\", after = \"2h\" }", NULL},
	    {"case:send { event = 'bare', after = 'soon' }",
	        "11 span: case:send: after: \"soon\" is no span such as \"1h30m\": a number and its unit were expected, such as \"90s\"", NULL},
	    {"case:send { event = 'bare', after = true }",
	        "11 wrong-type: case:send: after must be a span, \"10m\" or microseconds, found a boolean", NULL},
	    {"case:send { event = 'bare', after = -5 }", "11 span: case:send: after: a span is not negative", NULL},
	    {"case:send { event = 'bare', to = 5 }", "11 wrong-type: case:send: to must be text, found an integer", NULL},
	    {"case:send { event = 'bare', data = { x = 1 } }", "11 unknown-field: event \"bare\" has no field \"x\"", NULL},
	    {"case:cancel(5)", "11 wrong-type: case:cancel: the id must be text, found an integer", NULL},
	};
	CHECK(cases);
}

static void lines_for_operators_are_items(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case:log('info', 'hello')", "", "'do':'log','level':'info','message':'hello'"},
	    {"case:log('warn', 'hello', { n = 1, of = { 'a' } })", "", "'fields':{'n':1,'of':['a']}"},
	    {"case:log('error', 'x', {}) case:log('debug', 'y')", "", "'level':'debug','message':'y'"},
	    {"case:log('loud', 'x')", "11 not-a-choice: case:log: \"debug\", \"info\", \"warn\" or \"error\" was expected, found \"loud\"",
	        NULL},
	    {"case:log('info')", "11 wrong-type: case:log: the message must be text, found nothing", NULL},
	    {"case:log('info', 'x', 5)", "11 wrong-type: case:log: the fields must be a table, found an integer", NULL},
	    {"case:log('info', 'x', { 1 })", "11 wrong-type: case:log: the fields must have names, but the table is a list", NULL},
	    {"case:log('info', '\\xff')", "11 wrong-text: case:log: the message is not valid UTF-8, or has a zero byte in it", NULL},
	};
	CHECK(cases);
}

static void questions_are_answered(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"assert(case:is_in('s') == true)", "", NULL},
	    {"case:is_in('t' .. '')", "11 unknown-state: playbook \"one\" has no state \"t\"", NULL},
	    {"case:is_in(5)", "11 wrong-type: case:is_in: the path must be text, found an integer", NULL},
	    {"assert(case:count('goes') == 1)", "", NULL},
	    {"case:count('go' .. 'se')", "11 unknown-counter: playbook \"one\" has no counter \"gose\"; did you mean \"goes\"?", NULL},
	    {"assert(case:time_in('s') == 0 and case:time_in('s', 'total') == 0)", "", NULL},
	    {"case:time_in('s', 'ever')", "11 not-a-choice: case:time_in: \"stay\" or \"total\" was expected, found \"ever\"", NULL},
	    {"case['time' .. '_in'](case, 's')",
	        "11 no-time-in: the times of states are kept only when time_in stands in the playbook by its name: case:time_in(\xe2\x80\xa6)",
	        NULL},
	};
	CHECK(cases);
}

static void times_in_states_are_told(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'times' { data = { stay = span {}, total = span {}, n = integer {} }, event 'a' {}, event 'b' {}, state 's' { on "
	    "'a' { to = 't' } },\n"
	    "state 't' { on 'b' { to = 's' }, on 'a' { act = function(case) case.data.stay = case:time_in 't' case.data.total = "
	    "case:time_in('t', 'total') end } } }",
	    NULL);
	say(&b, "a", NULL);
	wait_for(&b, APL_HOUR);
	say(&b, "b", NULL);
	wait_for(&b, APL_HOUR);
	say(&b, "a", NULL);
	wait_for(&b, 30 * APL_MINUTE);
	say(&b, "a", NULL);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'stay':'30m','total':'1h30m'}");
	book_close(&b);
}

static const char waiting[] =
    "return playbook 'waits' {\n"
    "params = { patience = span { default = '10m' } }, data = { again = span {}, n = integer { default = 0 }, bad = text {} },\n"
    "event 'go' { wait = span {}, bad = text {} },\n"
    "state 'first' { after(from 'params.patience') { to = 'second' } },\n"
    "state 'second' { on 'go' { act = function(case, event) case.data.again = event.wait case.data.bad = event.bad end, to = 'third' } },\n"
    "state 'third' { after(from 'data.again') { to = 'fourth' }, after(function(case) if case.data.bad then return case.data.bad end "
    "return '2h' end) { to = 'fifth' } },\n"
    "state 'fourth' { after(function(case) return 60000000 end) { { to = 'fifth', when = function(case) return case.data.n > 5 end }, { to "
    "= 'sixth' } } },\n"
    "state 'fifth' {}, state 'sixth' {} }";

static void delays_are_texts_fields_and_functions(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, waiting, NULL);
	say_opening(&b, "go", NULL, "{'params':{'patience':'5m'}}");
	assert_string_equal(states_of(&b), "first");
	wait_for(&b, 5 * APL_MINUTE);
	assert_string_equal(states_of(&b), "second");
	say(&b, "go", "{'wait':'1h'}");
	assert_string_equal(mistake_of(&b), "");
	wait_for(&b, APL_HOUR);
	assert_string_equal(states_of(&b), "fourth");
	wait_for(&b, APL_MINUTE);
	assert_string_equal(states_of(&b), "sixth");
	book_close(&b);
}

static void a_delay_without_a_span_is_a_mistake(void **state) {
	(void)state;
	static const struct {
		const char *data;
		const char *mistake;
	} cases[] = {
	    {"{}", "6 missing-field: data.again is missing, so this delay has no span"},
	    {"{'wait':'1h','bad':'soon'}",
	        "6 span: the span of this delay: \"soon\" is no span such as \"1h30m\": a number and its unit were expected, such as \"90s\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		book b = {0};
		book_open(&b, waiting, NULL);
		say(&b, "go", NULL);
		wait_for(&b, 10 * APL_MINUTE);
		say(&b, "go", cases[i].data);
		assert_string_equal(mistake_of(&b), cases[i].mistake);
		book_close(&b);
	}
}

static void blocks_are_kept_apart(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "local function add(n) return function(case) case.data.t = case.data.t .. n end end\n"
	    "local function fail() error 'stop' end\n"
	    "return playbook 'blocks' { data = { t = text { default = '' } }, event 'go' {},\n"
	    "state 's' { exit(add 'x', fail, add 'y'), exit(add 'z'), on 'go' { to = 't', act = { add '1', add '2' } } },\n"
	    "state 't' { initial = { to = 'u', act = add 'i' }, entry(add 'a', fail, add 'b'), entry(add 'c'), state 'u' { entry(add 'u') } } "
	    "}",
	    NULL);
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'t':'xz12aciu'}");
	book_close(&b);
}

static void groups_are_flattened_in_place(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "local talk = group { event 'go' {}, effect 'tell' {}, group { event 'stop' {} } }\n"
	    "return playbook 'groups' { talk, group { state 's' { group { on 'go' { to = 't' } } }, state 't' { on 'stop' { to = 'e' } } }, "
	    "final 'e' { outcome = 'over' } }",
	    NULL);
	say(&b, "go", NULL);
	assert_string_equal(states_of(&b), "t");
	say(&b, "stop", NULL);
	assert_text_has(line_of(&b), "'outcome':'over'");
	book_close(&b);
}

static void the_history_of_the_subject_can_be_read(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'h' { data = { t = text {} }, event 'go' {}, state 's' { on 'go' { act = function(case)\n"
	    "local h = case.history assert(h == case.history) case.data.t = h[2].what .. #h .. (case.locale or '') end } } }",
	    NULL);
	say_opening(&b, "go", NULL, "{'history':[{'what':'a'},{'what':'b'}],'locale':'de'}");
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'t':'b2de'}");
	book_close(&b);
}

static void counters_can_have_guards_and_windows(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'count' { data = { n = integer {} }, event 'say' { rude = boolean {} }, counter 'abuse' { of = 'say', window = "
	    "'30m',\n"
	    "when = function(case, event) return event.rude end }, state 's' { on 'say' { act = function(case) case.data.n = case:count "
	    "'abuse' end } } }",
	    NULL);
	say(&b, "say", "{'rude':true}");
	say(&b, "say", "{'rude':false}");
	say(&b, "say", "{'rude':true}");
	assert_string_equal(data_of(&b), "{'n':2}");
	wait_for(&b, APL_HOUR);
	say(&b, "say", "{'rude':true}");
	assert_string_equal(data_of(&b), "{'n':1}");
	book_close(&b);
}

/* It is asked for before something is first counted, and kept. */
static void a_window_may_be_asked_for(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'count' { data = { n = integer { default = 0 }, m = integer { default = 10 } }, event 'say' { rude = boolean {} "
	    "}, event 'look' "
	    "{},\n"
	    "counter 'abuse' { of = 'say', when = 'event.rude', window = function(case) return case.data.m * 60000000 end },\n"
	    "state 's' { on 'look' { act = 'data.n = count(\"abuse\")' }, on 'say' { act = 'data.m = data.m + 20' } } }",
	    NULL);
	assert_int_equal(say(&b, "look", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'m':10,'n':0}");
	assert_int_equal(say(&b, "say", "{'rude':false}"), APLOMB_OK); /* not counted: it is not asked for yet */
	assert_int_equal(say(&b, "say", "{'rude':true}"), APLOMB_OK);
	wait_for(&b, 29 * APL_MINUTE);
	assert_int_equal(say(&b, "say", "{'rude':true}"), APLOMB_OK);
	assert_int_equal(say(&b, "look", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'m':70,'n':2}");
	wait_for(&b, APL_MINUTE);
	assert_int_equal(say(&b, "look", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'m':70,'n':1}"); /* thirty minutes, for good */
	book_close(&b);
}

static void what_is_no_window_is_a_mistake_and_nothing_is_counted(void **state) {
	(void)state;
	static const struct {
		const char *window, *mistake;
	} cases[] = {
	    {"function() return 'soon' end",
	        "2 span: what window answers: \"soon\" is no span such as \"1h30m\": a number and its unit were expected, such as \"90s\""},
	    {"function() return 0 end", "2 bad-span: counter \"abuse\": the window comes to no time at all: give a span of more than zero"},
	    {"function() return '1 business hour' end",
	        "2 no-calendar: this span is business time, and the playbook has no calendar: declare calendar \"id\" { … }"},
	    {"function(case) error('no') end", "2 error-execution: no"},
	    {"function(case) case.data.n = 2 end", "2 guard-writes: a guard may look but not touch: data.n is to be written in an action"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		book b = {0};
		char source[512];
		snprintf(source, sizeof source,
		    "return playbook 'count' { data = { n = integer { default = 7 } }, event 'say' {},\ncounter 'abuse' { of = 'say', window = %s "
		    "},\n"
		    "state 's' { on 'say' { act = 'data.n = count(\"abuse\")' } } }",
		    cases[i].window);
		book_open(&b, source, NULL);
		assert_int_equal(say(&b, "say", NULL), APLOMB_OK);
		assert_string_equal(mistake_of(&b), cases[i].mistake);
		assert_string_equal(data_of(&b), "{'n':0}");
		book_close(&b);
	}
}

/* A counter that is about an event may be all that anybody wants of it; one of everything is about nothing. */
static void an_event_that_only_a_counter_minds_says_so(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { event 'go' {}, event 'noted' { by = text {} }, event 'other' {}, counter 'notes' { of = 'noted', when = "
	    "'not has(event.by)' },\n"
	    "counter 'all' { of = '*' }, state 's' { on 'go' {} } }",
	    NULL);
	assert_int_equal(say(&b, "noted", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'items':[{'counted':true,'do':'unhandled'}]");
	assert_true(b.receipt.unhandled);
	assert_int_equal(say(&b, "noted", "{'by':'x'}"), APLOMB_OK);
	assert_text_has(line_of(&b), "'items':[{'do':'unhandled'}]");
	assert_int_equal(say(&b, "other", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'items':[{'do':'unhandled'}]");
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_that_only_a_counter_minds_says_so),
	    cmocka_unit_test(effects_carry_what_they_declare),
	    cmocka_unit_test(events_can_be_raised_and_sent),
	    cmocka_unit_test(lines_for_operators_are_items),
	    cmocka_unit_test(questions_are_answered),
	    cmocka_unit_test(times_in_states_are_told),
	    cmocka_unit_test(delays_are_texts_fields_and_functions),
	    cmocka_unit_test(a_delay_without_a_span_is_a_mistake),
	    cmocka_unit_test(blocks_are_kept_apart),
	    cmocka_unit_test(groups_are_flattened_in_place),
	    cmocka_unit_test(the_history_of_the_subject_can_be_read),
	    cmocka_unit_test(counters_can_have_guards_and_windows),
	    cmocka_unit_test(a_window_may_be_asked_for),
	    cmocka_unit_test(what_is_no_window_is_a_mistake_and_nothing_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
