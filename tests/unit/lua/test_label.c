/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "book.h"

static const char *label(const book *b, int32_t handler) {
	return b->program->ops->label(b->program->self, handler);
}

static const apl_transition *transition(const book *b, uint32_t number) {
	assert_true(number < b->program->chart->n_transitions);
	return &b->program->chart->transitions[number];
}

/* The label of the guard of the first transition in a playbook that has [before] above it. */
static void check_guard(const char *before, const char *guard, const char *expected) {
	char source[2048];
	book b = {0};
	snprintf(source, sizeof source,
	    "%s\nreturn playbook 'p' { data = { n = integer { default = 0 } }, event 'e' {}, state 's' {\n"
	    "on 'e' { %s },\n} }",
	    before, guard);
	book_open(&b, source, NULL);
	assert_string_equal(label(&b, transition(&b, 0)->guard), expected);
	assert_ptr_equal(label(&b, transition(&b, 0)->guard), label(&b, transition(&b, 0)->guard));
	book_close(&b);
}

static void a_function_with_a_name_is_called_by_it(void **state) {
	(void)state;
	check_guard("local function few(case) return case.data.n < 2 end", "when = few", "few");
	check_guard("local few = function(case) return case.data.n < 2 end", "when = few", "few");
	check_guard("local few\nfunction few(case) return true end", "when = few", "few");
	check_guard("local guards = {\n  few = function(case)\n    return case.data.n < 2\n  end,\n}", "when = guards.few", "few");
	check_guard("local guards = {}\nfunction guards.few(case) return case.data.n < 2 end", "when = guards.few", "guards.few");
	check_guard("--[[ function no(case) ]] local s = 'function wrong(case)' local function few(case) return s end", "when = few", "few");
	check_guard("local s = 'function wrong(case)' local function few(case) return s ~= nil end", "when = few", "few");
}

static void a_short_function_without_a_name_is_called_by_its_text(void **state) {
	(void)state;
	check_guard("", "when = function(case) return case.data.n < 2 end", "case.data.n < 2");
	check_guard("", "when = function(case, event) if case.data.n > 1 then return true end end", "if case.data.n > 1 then return true end");
	check_guard("", "when = function(case) return case.data.n == 1 end, act = function(case) case.data.n = 2 end", "case.data.n == 1");
	check_guard("", "when = (function(case) return true end)", "true");
}

static void any_other_function_is_called_by_its_line(void **state) {
	(void)state;
	check_guard("", "when = function(case)\nlocal n = case.data.n return n < 2 end", "function at line 3");
	check_guard("", "when = function(case) return case.data.n < 1 or case.data.n > 10 or case.data.n == 5 or case.data.n == 7 end",
	    "function at line 3");
	check_guard("local f, g = function() return true end, function() return false end", "when = g", "function at line 1");
}

static void a_function_that_another_made_is_called_by_what_it_was_made_with(void **state) {
	(void)state;
	check_guard("local function says(...)\n  local all = { ... }\n  return function(case)\n    return all[1] == 'a'\n  end\nend",
	    "when = says('a', 'b')", "says(\"a\", \"b\")");
	check_guard("local function more(n, why, c)\n  return function(case)\n    return case.data.n > n and why ~= nil\n  end\nend",
	    "when = more(3, 'because it is a very long text, too long')", "more(3, …, …)");
	check_guard("local function more(n)\n\treturn function(case)\n\t\treturn n\n\tend\nend", "when = more(true)", "more(true)");
	/* A function before it at the same indentation made nothing. */
	check_guard(
	    "local function other(n)\n  return n\nend\nlocal made = {}\nfor i = 1, 1 do made[i] = other end", "when = made[1]", "other");
}

static void blocks_spans_and_fields_have_labels(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "local function first(case) case.data.n = 1 end\n"
	    "local function patience(case) return '10m' end\n"
	    "return playbook 'p' {\n"
	    "  params = { wait = fields { long = span { default = '1h' } } }, data = { n = integer { default = 0 } },\n"
	    "  event 'e' {},\n"
	    "  state 's' {\n"
	    "    entry(first, function(case) case.data.n = 2 end), exit(function(case) case.data.n = 3 end),\n"
	    "    on 'e' { act = { first, first } },\n"
	    "    after(from 'params.wait.long') { to = 's' },\n"
	    "    after(patience) { to = 's' },\n"
	    "    after(function(case) return '2m' end) { to = 's' },\n"
	    "  },\n"
	    "}",
	    NULL);
	const apl_chart *chart = b.program->chart;
	const apl_state *s = &chart->states[1];
	assert_string_equal(label(&b, chart->blocks[s->first_entry]), "first, function at line 7");
	assert_string_equal(label(&b, chart->blocks[s->first_exit]), "case.data.n = 3");
	assert_string_equal(label(&b, transition(&b, 0)->block), "first, first");
	assert_string_equal(label(&b, chart->delays[0].span), "params.wait.long");
	assert_string_equal(label(&b, chart->delays[1].span), "patience");
	assert_string_equal(label(&b, chart->delays[2].span), "'2m'");
	assert_null(label(&b, -1));
	assert_null(label(&b, 100000));
	book_close(&b);
}

static void every_handler_of_the_shipped_incident_has_a_label(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("playbooks/it-incident/playbook.lua", &size);
	assert_non_null(source);
	book b = {0};
	book_open(&b, source, NULL);
	free(source);
	const apl_chart *chart = b.program->chart;
	unsigned n_by_line = 0;
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		if (chart->transitions[i].guard != APL_NO_HANDLER) n_by_line += strstr(label(&b, chart->transitions[i].guard), "at line") != NULL;
		if (chart->transitions[i].block != APL_NO_HANDLER) n_by_line += strstr(label(&b, chart->transitions[i].block), "at line") != NULL;
	}
	assert_int_equal(n_by_line, 0);
	book_close(&b);
}

/* Without memory there is no label; with memory again, there is. */
static void a_label_may_be_asked_for_again(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, "return playbook 'p' { event 'e' {}, state 's' { on 'e' { when = function() return true end } } }", NULL);
	for (uint64_t n = 1;; n++) {
		b.heap.fail_at = b.heap.calls + n;
		const char *text = label(&b, transition(&b, 0)->guard);
		b.heap.fail_at = 0;
		assert_true(n < 100);
		if (text == NULL) continue;
		assert_string_equal(text, "true");
		break;
	}
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_function_with_a_name_is_called_by_it),
	    cmocka_unit_test(a_short_function_without_a_name_is_called_by_its_text),
	    cmocka_unit_test(any_other_function_is_called_by_its_line),
	    cmocka_unit_test(a_function_that_another_made_is_called_by_what_it_was_made_with),
	    cmocka_unit_test(blocks_spans_and_fields_have_labels),
	    cmocka_unit_test(every_handler_of_the_shipped_incident_has_a_label),
	    cmocka_unit_test(a_label_may_be_asked_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
