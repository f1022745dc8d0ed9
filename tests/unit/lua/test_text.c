/* SPDX-License-Identifier: MIT */
/* Guards and assignments that a playbook writes as text, in a running case. */

#include <stdio.h>
#include <string.h>

#include "book.h"

static const char desk[] =
    "return playbook 'desk' {\n"
    "params = { most = integer { default = 2 } },\n"
    "data = { n = integer { default = 0 }, low = integer { min = 0, max = 3, default = 0 }, cause = one_of { 'stress', 'product' },\n"
    "  said = list { of = text {} }, free = any {}, began = integer { default = 0 }, ended = integer { default = 0 }, late = span {} },\n"
    "event 'go' { tone = number {}, cause = one_of { 'stress', 'product' }, items = list { of = text {} }, any = any {} },\n"
    "event 'stop' {}, event 'mix' {}, event 'ask' {}, event 'list' { items = list { of = text {} } }, event 'bad' {},\n"
    "counter 'low' { of = 'go', when = 'event.tone < 0', window = '10m' },\n"
    "state 'talk' { initial = { to = 'calm', act = 'data.began = data.began + 100' },\n"
    "  entry('data.began = data.began + 1; data.n = data.n + 1'), exit('data.ended = data.ended + 1'),\n"
    "  on 'go' { to = 'warned', when = \"event.tone < -0.5 and is_in('calm')\", act = 'data.cause = event.cause' },\n"
    "  on 'mix' { act = { 'data.n = data.n + 1', function(case) case.data.n = case.data.n * 10 end, 'data.n = data.n + 1' } },\n"
    "  on 'list' { act = { function(case) local d = case.data d.said = d.said or {} table.insert(d.said, 'from lua') end,\n"
    "    'data.said = event.items', function(case) table.insert(case.data.said, 'and lua') end } },\n"
    "  on 'bad' { act = { 'data.low = data.low + 2', 'data.n = -1' } },\n"
    "  on 'stop' { to = 'done', when = \"count('low') >= params.most and time_in('talk') >= '1m' and len(data.said) > 0\" },\n"
    "  on 'ask' { when = 'data.n // data.ended > 0', to = 'done' },\n"
    "  state 'calm' {}, state 'warned' { after '1h' { when = \"case.now - case.opened_at > '30m'\", to = 'calm',\n"
    "    act = \"data.late = time_in('warned', 'total')\" } } },\n"
    "final 'done' {} }\n";

static void texts_answer_and_write_in_a_running_case(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	assert_int_equal(say(&b, "go", "{}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.calm");
	assert_text_has(data_of(&b), "'began':101");
	assert_int_equal(say(&b, "go", "{'tone':-0.4}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.calm");
	assert_int_equal(say(&b, "go", "{'tone':-0.75,'cause':'product'}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.warned");
	assert_text_has(data_of(&b), "'cause':'product'");
	assert_text_has(data_of(&b), "'ended':1");
	assert_int_equal(say(&b, "mix", NULL), APLOMB_OK);
	assert_text_has(data_of(&b), "'n':31");
	wait_for(&b, 3600 * INT64_C(1000000));
	assert_string_equal(states_of(&b), "talk.calm");
	assert_text_has(data_of(&b), "'late':'1h'");
	assert_string_equal(mistake_of(&b), "");
	book_close(&b);
}

static void the_window_of_a_counter_is_asked_as_of_now(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	assert_int_equal(say(&b, "go", "{'tone':-0.1}"), APLOMB_OK);
	assert_int_equal(say(&b, "go", "{'tone':-0.1}"), APLOMB_OK);
	assert_int_equal(say(&b, "list", "{'items':['x']}"), APLOMB_OK);
	assert_int_equal(say(&b, "stop", NULL), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.calm"); /* a minute has not passed */
	wait_for(&b, 61 * INT64_C(1000000));
	assert_int_equal(say(&b, "stop", NULL), APLOMB_OK);
	assert_true(b.receipt.closed);
	book_close(&b);
}

static void a_list_that_stands_in_a_table_is_written_over(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	assert_int_equal(say(&b, "go", "{}"), APLOMB_OK);
	assert_int_equal(say(&b, "list", "{'items':['x','y']}"), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(data_of(&b), "'said':['x','y','and lua']");
	/* Without items the text clears what the first function wrote, and the last one meets nil. */
	assert_int_equal(say(&b, "list", NULL), APLOMB_OK);
	assert_text_has(mistake_of(&b), "13 wrong-type: table.insert: a table was expected, found nothing");
	assert_null(strstr(data_of(&b), "said"));
	book_close(&b);
}

static void a_failure_is_told_like_a_functions(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	assert_int_equal(say(&b, "go", "{}"), APLOMB_OK);
	assert_int_equal(say(&b, "bad", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(data_of(&b), "'n':-1");
	assert_int_equal(say(&b, "bad", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "14 out-of-bounds: data.low: expected 0 to 3, found 4");
	assert_text_has(data_of(&b), "'low':2");
	assert_int_equal(say(&b, "ask", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "16 guard-division: data.n // data.ended divides by zero (in \"data.n // data.ended > 0\")");
	assert_string_equal(states_of(&b), "talk.calm");
	book_close(&b);
}

static void a_text_is_charged_for_its_parts(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { data = { n = integer { default = 0 } }, event 'go' {}, state 's' { on 'go' { act = { %s } } } }";
	char text[4096] = "", whole[8192];
	for (int i = 0; i < 50; i++) strcat(text, "'data.n = data.n + 1', ");
	snprintf(whole, sizeof whole, source, text);
	for (uint64_t budget = 249; budget <= 250; budget++) { /* five parts each */
		aplomb_limits limits = {.size = sizeof limits};
		limits.instructions = budget;
		book b = {0};
		book_open(&b, whole, &limits);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		assert_int_equal(b.receipt.faulted, budget == 249);
		if (budget == 249) assert_text_has(mistake_of(&b), "1 limit-instructions: more than 249 instructions in one step");
		book_close(&b);
	}
}

static void a_handler_that_is_text_is_called_by_it(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	const apl_chart *chart = b.program->chart;
	bool found = false;
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		if (chart->transitions[i].guard == APL_NO_HANDLER) continue;
		const char *label = b.program->ops->label(b.program->self, chart->transitions[i].guard);
		found = found || strcmp(label, "event.tone < -0.5 and is_in(\"calm\")") == 0;
	}
	assert_true(found);
	book_close(&b);
}

static void what_went_wrong_can_be_asked_for(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { data = { n = integer { default = 0, max = 1 }, said = text {}, where = integer {} },\n"
	    "event 'go' {}, event 'other' { slug = text {} },\n"
	    "state 's' { on 'go' { act = 'data.n = data.n + 1' },\n"
	    "  on 'error.execution' { when = \"event.slug == 'out-of-bounds' and event.line == 3\",\n"
	    "    act = 'data.said = event.message; data.where = event.line', to = 't' } }, state 't' {} }";
	book b = {0};
	book_open(&b, source, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(states_of(&b), "s");
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(states_of(&b), "t");
	assert_string_equal(data_of(&b), "{'n':1,'said':'data.n: expected at most 1, found 2','where':3}");
	book_close(&b);
}

static void the_right_names_are_seen_from_where_a_text_stands(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { event 'go' { n = integer {} }, event 'go.on' { m = integer {} }, event 'stop' { k = integer {} },\n"
	    "parallel 'work' {\n"
	    "  state 'left' { initial = 'in', on 'go' { act = 'data.a = event.n' }, on { 'go.on', 'stop' } { when = 'event.m == event.k' },\n"
	    "    state 'in' { on 'stop' { when = \"is_in('in') and is_in('left') and not is_in('out') and is_in('right')\", to = 'out' },\n"
	    "      state 'deep' {} }, state 'out' {} },\n"
	    "  state 'right' { initial = 'in', state 'in' { on 'stop' { when = \"is_in('deep') or is_in('work.left.out')\" } } } },\n"
	    "data = { a = integer {} } }";
	assert_string_equal(findings_of(source),
	    "6 unknown-state: on \"stop\": when: there is no state \"deep\"; from here it is called \"work.left.in.deep\"\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_answer_and_write_in_a_running_case),
	    cmocka_unit_test(the_window_of_a_counter_is_asked_as_of_now),
	    cmocka_unit_test(a_list_that_stands_in_a_table_is_written_over),
	    cmocka_unit_test(a_failure_is_told_like_a_functions),
	    cmocka_unit_test(a_text_is_charged_for_its_parts),
	    cmocka_unit_test(a_handler_that_is_text_is_called_by_it),
	    cmocka_unit_test(what_went_wrong_can_be_asked_for),
	    cmocka_unit_test(the_right_names_are_seen_from_where_a_text_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
