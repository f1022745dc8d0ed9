/* SPDX-License-Identifier: MIT */
/* from: what it may name, where it may stand, and that it is looked up at each use. */

#include <string.h>

#include "book.h"

static void what_no_field_has_is_found_wherever_it_stands(void **state) {
	(void)state;
	assert_string_equal(findings_of("local x = from 'params.limt'\n"
	                                "local kept = { deep = { from 'data.address.town', from 'event.x', from 'data' } }\n"
	                                "return playbook 'p' { params = { limit = money {} },\n"
	                                "data = { address = fields { city = text {} } },\n"
	                                "state 's' { after(from 'params.limit') { to = 's' },\n"
	                                "after(from 'params.limt') { to = 's' }, after(x) { to = 's' } } }"),
	    "1 unknown-field: from \"params.limt\": there is no such field; did you mean \"limit\"?\n"
	    "2 unknown-field: from \"data.address.town\": there is no such field\n"
	    "2 unknown-field: from: the playbook declares no event with a field \"x\"\n"
	    "2 bad-from: from \"data\" must begin with \"params.\", \"data.\", \"event.\" or \"case.\", or be an expression over them\n"
	    "5 bad-from: from \"params.limit\" is money where a span is needed\n"
	    "6 unknown-field: from \"params.limt\": there is no such field; did you mean \"limit\"?\n");
}

/* A word that was called wrongly is told once, where it was, and stands where it was put all the same. */
static void what_was_called_wrongly_is_told_once_wherever_it_stands(void **state) {
	(void)state;
	static const char *const places[] = {
	    "counter 'c' { of = 'go', window = X }",
	    "clock 'k' { target = X, runs_in = 's' }",
	    "clock 'k' { target = '1h', runs_in = 's', warn_at = X }",
	    "clock 'k' { target = '1h', runs_in = 's', warn_at = { X } }",
	    "clock 'k' { target = '1h', runs_in = 's', calendar = X }",
	    "callout 'o' { steps = { { to = X, answer_in = X, fallback = X, rota = 'r' } } }",
	    "state 't' { after(X) {} }",
	    "state 't' { every(X) {} }",
	    "state 't' { at(X) {} }",
	    "state 't' { after(X) { calendar = X } }",
	    "state 't' { on 'go' { act = function(case) case:effect('tell', { n = X }) end } }",
	};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "local X = from 'params.wait' {}\n"
		    "return playbook 'p' { params = { wait = span { default = '1h' } }, data = {}, effect 'tell' { n = any {} }, event 'go' {},\n"
		    "rota 'r' { zone = 'UTC', turns = { 'a' }, begins = '2026-01-05', handover = 'mon 09:00' },\n"
		    "state 's' {},\n%s }",
		    places[i]);
		assert_string_equal(
		    findings_of(source), "1 word-call: from \"params.wait\" is complete, but a table follows it; is a comma missing?\n");
	}
}

static const char every_use[] =
    "local refs = { text = from 'data.name', n = from 'params.n', cost = from 'params.limit', wait = from 'params.wait',\n"
    "  all = from 'data.all', address = from 'data.address', gone = from 'data.gone' }\n"
    "return playbook 'p' {\n"
    "calendar 'desk' { zone = 'UTC', week = { ['mon-sun'] = '00:00-24:00' } },\n"
    "params = { n = integer { default = 3 }, limit = money { default = '40.00 GBP' }, wait = span { default = '2 business days' } },\n"
    "data = { name = text { default = 'Ada' }, all = list { of = integer {}, default = { 1, 2 } }, gone = text {}, seen = any {},\n"
    "  address = fields { city = text { default = 'Ulm' }, n = integer {} } },\n"
    "event 'go' {}, event 'later' { text = text {} },\n"
    "effect 'tell' { text = text {}, n = integer {}, cost = money {}, wait = span {}, all = list {}, any = any {} },\n"
    "state 's' { on 'go' { act = function(case)\n"
    "  case:effect('tell', { text = refs.text, n = refs.n, cost = refs.cost, wait = refs.wait, all = refs.all })\n"
    "  case.data.name = 'Bea'\n"
    "  case:effect('tell', { text = refs.text, any = { refs.text, { x = refs.n, y = refs.gone } }, all = { refs.text } })\n"
    "  case:send { event = 'later', data = { text = refs.text }, after = refs.wait }\n"
    "  case:effect('tell', { text = refs.gone, n = case:value(refs.n) + 1, any = { case:value('plain'), case:value(refs.address).city } "
    "})\n"
    "  case.data.seen = refs.address\n"
    "  assert(case:value(nil) == nil and case:value(refs.gone) == nil and case:value(7) == 7)\n"
    "  case:log('info', 'seen', { who = refs.text })\n"
    "end } } }";

static void it_is_looked_up_at_each_use(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, every_use, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	const char *line = line_of(&b);
	assert_text_has(line, "'data':{'all':[1,2],'cost':'40.00 GBP','n':3,'text':'Ada','wait':'2 business days'}");
	assert_text_has(line, "'data':{'all':['Bea'],'any':['Bea',{'x':3,'y':null}],'text':'Bea'}");
	assert_text_has(line, "'data':{'any':['plain','Ulm'],'n':4}");
	assert_text_has(line, "'due':'2026-01-03T00:00:00Z'");
	assert_text_has(line, "'fields':{'who':'Bea'}");
	assert_text_has(data_of(&b), "'seen':{'city':'Ulm'}");
	book_close(&b);
}

/* ---- expressions --------------------------------------------------------------------- */

static const char expressions[] =
    "local refs = { n = from 'data.n * 2 + 1', half = from 'data.n / 2', cost = from 'data.value * data.n', late = from 'case.now > "
    "data.promised',\n"
    "  wait = from \"params.patience + '1m'\", at = from \"data.promised - '1h'\", who = from 'event.who', gone = from 'data.gone + 1',\n"
    "  often = from \"count('c')\", here = from \"is_in('s.a')\", id = from 'case.id', many = from 'len(data.said)' }\n"
    "return playbook 'p' {\n"
    "params = { patience = span { default = '10m' } },\n"
    "data = { n = integer { default = 3 }, value = money { default = '1.10 EUR' }, promised = instant { default = '2026-01-01T06:00:00Z' "
    "},\n"
    "  gone = integer {}, said = list { of = text {}, default = { 'a' } }, seen = any {} },\n"
    "event 'go' { who = text {} }, counter 'c' { of = 'go' },\n"
    "effect 'tell' { n = integer {}, half = number {}, cost = money {}, late = boolean {}, wait = span {}, at = instant {}, who = text "
    "{},\n"
    "  gone = integer {}, often = integer {}, here = boolean {}, id = text {}, many = integer {} },\n"
    "state 's' { state 'a' { on 'go' { act = function(case)\n"
    "  case:effect('tell', refs)\n"
    "  case.data.n = 4\n"
    "  case:effect('tell', { n = refs.n, cost = refs.cost })\n"
    "  case.data.seen = { refs.wait, refs.at, { cost = refs.cost, who = refs.who } }\n"
    "  assert(case:value(refs.gone) == nil and case:value(refs.late) == false and case:value(refs.half) == 2.0)\n"
    "end } } } }";

static void an_expression_is_what_it_comes_to_at_each_use(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, expressions, NULL);
	assert_int_equal(say(&b, "go", "{'who':'Ada'}"), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(line_of(&b), "'data':{'at':'2026-01-01T05:00:00Z','cost':'3.30 "
	                             "EUR','half':1.5,'here':true,'id':'c','late':false,'many':1,'n':7,'often':1,'wait':'11m','who':'Ada'}");
	assert_text_has(line_of(&b), "'data':{'cost':'4.40 EUR','n':9}");
	assert_text_has(data_of(&b), "'seen':[660000000,1767243600000000,{'cost':'4.40 EUR','who':'Ada'}]");
	book_close(&b);
}

static void what_an_expression_comes_to_is_told_with_its_place(void **state) {
	(void)state;
	static const struct {
		const char *expression, *mistake;
	} cases[] = {
	    {"9223372036854775807 + data.n", "3 guard-overflow: "},
	    {"data.n // data.zero", "3 guard-division: "},
	    {"data.value + '1.00 GBP'", "3 mixed-currencies: "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "return playbook 'p' { data = { n = integer { default = 1 }, zero = integer { default = 0 }, value = money { default = '1.00 "
		    "EUR' }, x = any {} },\n"
		    "event 'go' {}, state 's' { on 'go' { act = (function()\nlocal r = from \"%s\"\nreturn function(case) case.data.x = "
		    "case:value(r) end end)() } } }",
		    cases[i].expression);
		book b = {0};
		book_open(&b, source, NULL);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		assert_memory_equal(mistake_of(&b), cases[i].mistake, strlen(cases[i].mistake));
		book_close(&b);
	}
}

static void what_is_wrong_in_an_expression_is_found_when_it_is_loaded(void **state) {
	(void)state;
	assert_string_equal(findings_of("local x = from 'data.n +'\n"
	                                "local y = from 'data.m * 2'\n"
	                                "local z = { from 'data.n + data.t', from \"is_in('nowhere')\", from 'data.l', from 'data.l == 1' }\n"
	                                "return playbook 'p' { params = { wait = span {}, sure = span { default = '1h' } },\n"
	                                "data = { n = integer {}, t = text {}, l = list {}, s = span {} }, event 'go' {},\n"
	                                "counter 'a' { of = 'go', window = from 'params.wait * 2' },\n"
	                                "counter 'b' { of = 'go', window = from 'data.s * 2' },\n"
	                                "counter 'c' { of = 'go', window = from 'params.sure // params.sure' },\n"
	                                "counter 'd' { of = 'go', window = from 'params.sure * 2' },\n"
	                                "state 's' { on 'go' {}, after(from 'data.n * 2') {}, every(from 'case.now') {},\n"
	                                "at(from 'data.s + data.s') {}, at(from 'case.now + data.s') {} } }"),
	    "1 guard-syntax: from: a value was expected, found the end\n"
	    "2 unknown-field: from: data has no field \"m\"\n"
	    "3 wrong-type: from: data.n is an integer and data.t is text; that cannot be added; text is no number\n"
	    "3 unknown-state: from: there is no state \"nowhere\"\n"
	    "3 wrong-type: from: data.l is a list, which is not compared; there are len(…) and contains(…)\n"
	    "6 bad-from: counter \"a\": window: params.wait may be missing; give it a default, or make it required\n"
	    "7 bad-from: counter \"b\": window: data.s may change while a case lives; a window comes from params alone\n"
	    "8 bad-from: from \"params.sure // params.sure\" comes to integer where a span is needed\n"
	    "10 bad-from: from \"data.n * 2\" comes to integer where a span is needed\n"
	    "10 bad-from: from \"case.now\" comes to instant where a span is needed\n"
	    "11 bad-from: from \"data.s + data.s\" comes to span where an instant is needed\n");
}

static void a_delay_takes_an_expression(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { params = { pace = span { default = '10m' } }, data = { n = integer { default = 2 }, m = integer {} }, event "
	    "'go' {},\n"
	    "state 's' { after(from 'params.pace * data.n') { to = 't' }, every(from 'params.pace // 2') {}, at(from \"case.now + '7m'\") {},\n"
	    "on 'go' {} },\n"
	    "state 't' {\nafter(from 'params.pace * data.m') { to = 's' },\nafter(from \"params.pace - '11m'\") { to = 's' } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	const char *lines = apl_buf_terminate(&b.lines);
	assert_text_has(lines, "{\"do\":\"arm\",\"due\":\"2026-01-01T00:20:00Z\",\"timer\":\"after.s.1\"}");
	assert_text_has(lines, "{\"do\":\"arm\",\"due\":\"2026-01-01T00:05:00Z\",\"timer\":\"every.s.2\"}");
	assert_text_has(lines, "{\"do\":\"arm\",\"due\":\"2026-01-01T00:07:00Z\",\"timer\":\"at.s.3\"}");
	wait_for(&b, 20 * INT64_C(60000000));
	lines = apl_buf_terminate(&b.lines);
	assert_text_has(lines, "\"line\":5,\"message\":\"from \\\"params.pace * data.m\\\": something in it is missing, so this delay has no "
	                       "span\",\"slug\":\"missing-field\"");
	assert_text_has(
	    lines, "\"line\":6,\"message\":\"state \\\"t\\\": a delay of -60000000 microseconds is negative: give one of zero or more\"");
	book_close(&b);
}

static void a_window_is_computed_from_the_params_of_its_case(void **state) {
	(void)state;
	static const char windows[] = "return playbook 'p' { params = { n = integer { default = 2 }, hour = span { default = '1h' } }, data = "
	                              "{ often = integer {} }, event 'go' {},\n"
	                              "counter 'c' { of = 'go', window = from 'params.hour * params.n' },\n"
	                              "state 's' { on 'go' { act = \"data.often = count('c')\" } } }";
	book b = {0};
	book_open(&b, windows, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, INT64_C(3600000000));
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(data_of(&b), "'often':2");
	wait_for(&b, INT64_C(3600000000));
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(data_of(&b), "'often':2");
	book_close(&b);
	book other = {0};
	book_open(&other, windows, NULL);
	assert_int_equal(say_opening(&other, "go", NULL, "{'params':{'n':1}}"), APLOMB_OK);
	wait_for(&other, INT64_C(3600000000));
	assert_int_equal(say(&other, "go", NULL), APLOMB_OK);
	assert_text_has(data_of(&other), "'often':1");
	book_close(&other);
	/* Params that no window can be made of never become a case's. */
	static const struct {
		const char *open, *slug;
	} wrong[] = {{"{'params':{'n':0}}", "bad-span"}, {"{'params':{'n':9223372036854775807}}", "guard-overflow"}};
	for (size_t i = 0; i < 2; i++) {
		book refused = {0};
		book_open(&refused, windows, NULL);
		assert_int_equal(say_opening(&refused, "go", NULL, wrong[i].open), APLOMB_EREFUSED);
		assert_string_equal(refused.error.slug, wrong[i].slug);
		book_close(&refused);
	}
}

static void it_is_no_value_to_compute_with(void **state) {
	(void)state;
	static const struct {
		const char *body, *mistake;
	} cases[] = {
	    {"return refs.n + 1", "attempt to perform arithmetic on a part value (field 'n')"},
	    {"case.data.n = refs.text", "data.n: expected an integer, found the text \"Ada\""},
	    {"case.data.n = event_type", "data.n: a word's value is no value"},
	    {"case.data.any = { event_type }", "data.any[1]: a word's value is no value"},
	    {"return from('data.name')", "from says what the playbook is, once, while it is loaded; a function that runs later cannot use it"},
	    {"case.value(refs.n)", "value is called with a colon: case:value(…)"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "local refs = { n = from 'data.n', text = from 'data.name' } local event_type = text {}\n"
		    "return playbook 'p' { data = { n = integer { default = 1 }, name = text { default = 'Ada' }, any = any {} }, event 'go' {},\n"
		    "state 's' { on 'go' { act = function(case) %s end } } }",
		    cases[i].body);
		book b = {0};
		book_open(&b, source, NULL);
		say(&b, "go", NULL);
		assert_text_has(mistake_of(&b), cases[i].mistake);
		book_close(&b);
	}
}

static void a_counters_window_may_be_a_parameter(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { params = { window = span { default = '30m' } }, data = { n = integer {} }, event 'go' {},\n"
	    "counter 'c' { of = 'go', window = from 'params.window' },\n"
	    "state 's' { on 'go' { act = function(case) case.data.n = case:count('c') end } } }";
	book b = {0};
	book_open(&b, source, NULL);
	say(&b, "go", NULL);
	wait_for(&b, 20 * 60 * INT64_C(1000000));
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'n':2}");
	wait_for(&b, 20 * 60 * INT64_C(1000000));
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'n':2}");
	book_close(&b);
	book_open(&b, source, NULL);
	say_opening(&b, "go", NULL, "{'params':{'window':'10m'}}");
	wait_for(&b, 20 * 60 * INT64_C(1000000));
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'n':1}");
	book_close(&b);
	assert_string_equal(
	    findings_of("return playbook 'p' { params = { a = span {}, b = integer { default = 1 } }, data = { w = span {} }, event "
	                "'go' {},\ncounter 'c' { of = 'go', window = from 'params.a' },\ncounter 'd' { of = 'go', window = from "
	                "'params.b' },\ncounter 'e' { of = 'go', window = from 'data.w' }, state 's' {} }"),
	    "2 bad-from: counter \"c\": window: params.a may be missing; give it a default, or make it required\n"
	    "3 bad-from: from \"params.b\" is integer where a span is needed\n"
	    "4 bad-from: counter \"e\": window comes from data, which may change; a window is a span or comes from params\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_no_field_has_is_found_wherever_it_stands),
	    cmocka_unit_test(what_was_called_wrongly_is_told_once_wherever_it_stands),
	    cmocka_unit_test(it_is_looked_up_at_each_use),
	    cmocka_unit_test(an_expression_is_what_it_comes_to_at_each_use),
	    cmocka_unit_test(what_an_expression_comes_to_is_told_with_its_place),
	    cmocka_unit_test(what_is_wrong_in_an_expression_is_found_when_it_is_loaded),
	    cmocka_unit_test(a_delay_takes_an_expression),
	    cmocka_unit_test(a_window_is_computed_from_the_params_of_its_case),
	    cmocka_unit_test(it_is_no_value_to_compute_with),
	    cmocka_unit_test(a_counters_window_may_be_a_parameter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
