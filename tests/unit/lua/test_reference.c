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
	    "2 bad-from: from \"event.x\" must begin with \"params.\" or \"data.\"\n"
	    "2 bad-from: from \"data\" must begin with \"params.\" or \"data.\"\n"
	    "5 bad-from: from \"params.limit\" is money where a span is needed\n"
	    "6 unknown-field: from \"params.limt\": there is no such field; did you mean \"limit\"?\n");
}

static const char every_use[] =
    "local refs = { text = from 'data.name', n = from 'params.n', cost = from 'params.limit', wait = from 'params.wait',\n"
    "  all = from 'data.all', address = from 'data.address', gone = from 'data.gone' }\n"
    "return playbook 'p' {\n"
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
	    cmocka_unit_test(it_is_looked_up_at_each_use),
	    cmocka_unit_test(it_is_no_value_to_compute_with),
	    cmocka_unit_test(a_counters_window_may_be_a_parameter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
