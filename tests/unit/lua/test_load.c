/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

static void the_reference_chart_loads_without_a_finding(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	assert_non_null(source);
	assert_string_equal(findings_of(source), "");
	free(source);
}

static void a_case_of_the_reference_chart_counts(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	book b = {0};
	book_open(&b, source, NULL);
	free(source);
	assert_int_equal(say(&b, "message", "{'tone':2,'abusive':true,'text':'x'}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.conversation.listening talk.boundary.warned");
	assert_int_equal(say(&b, "message", "{'tone':-3,'abusive':true,'text':'x'}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.conversation.escalated talk.boundary.final-warning");
	assert_string_equal(data_of(&b),
	    "{'abuses':2,'messages':2,'n_calm':1,'n_escalated':1,'n_final_warning':1,'n_greeting':1,'n_listening':1,'n_negotiating':0,"
	    "'n_offering':0,'n_resolved':0,'n_solving':0,'n_warned':1,'rejects':0,'tone':-1}");
	book_close(&b);
}

/* A handler that needs the hook is charged for a hundred instructions, so none of these does. */
static void no_handler_of_the_reference_chart_needs_the_hook(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	book b = {0};
	aplomb_limits limits = {sizeof limits, .instructions = 99};
	book_open(&b, source, &limits);
	free(source);
	static const char *const events[] = {"message", "offer", "reject", "reject", "reject", "agent", "message", "offer", "accept", "agent"};
	for (int i = 0; i < 200; i++) {
		const char *name = events[i % 10];
		char data[64];
		snprintf(data, sizeof data, "{'tone':%d,'abusive':%s}", i % 7 - 3, i % 3 == 0 ? "true" : "false");
		assert_int_equal(say(&b, name, strcmp(name, "message") == 0 ? data : NULL), APLOMB_OK);
		assert_false(b.receipt.faulted);
	}
	book_close(&b);
}

static void the_hash_is_of_the_files_name_and_text(void **state) {
	(void)state;
	char bundle[256];
	static const char *const sources[] = {
	    "return playbook 'p' { state 's' {} }", "return playbook 'p' { state 's' {} }", "return playbook 'p' { state 's' {} } "};
	char hashes[3][APL_SHA256_HEX + 1];
	for (int i = 0; i < 3; i++) {
		book b = {0};
		book_open(&b, sources[i], NULL);
		memcpy(hashes[i], b.program->hash, sizeof hashes[i]);
		snprintf(
		    bundle, sizeof bundle, "{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"book.lua\",\"text\":\"%s\"}],\"v\":1}", sources[i]);
		assert_int_equal(b.program->source_size, strlen(bundle));
		assert_string_equal(b.program->source, bundle);
		book_close(&b);
	}
	assert_string_equal(hashes[0], hashes[1]);
	assert_string_not_equal(hashes[0], hashes[2]);
}

static void first_lines_that_lua_does_not_know_are_skipped(void **state) {
	(void)state;
	assert_string_equal(findings_of("\xef\xbb\xbfreturn playbook 'p' { state 's' {} }"), "");
	assert_string_equal(findings_of("#!/usr/bin/aplomb\nreturn playbook 'p' { state 's' {} }"), "");
	assert_string_equal(findings_of("\xef\xbb\xbf#!/usr/bin/aplomb\nreturn playbook 'p' { state 's' {} }"), "");
	assert_text_has(findings_of("#!/usr/bin/aplomb\nreturn playbook 'p' { stat 's' {} }"), "2 unknown-name");
	assert_text_has(findings_of(""), "not-a-playbook");
	assert_text_has(findings_of("#"), "not-a-playbook");
	assert_text_has(findings_of("\x1bLua"), "bytecode");
}

static void the_program_says_what_it_is(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { title = 'A title', version = '7', params = { a = integer {} }, data = { b = integer {}, c = fields { d = "
	    "text {} } },\n"
	    "event 'x' { e = integer {} }, event 'y' {}, effect 'f' {}, counter 'g' { of = { 'x', 'y.*' } }, state 's' { on 'x' {} } }",
	    NULL);
	const apl_program *p = b.program;
	assert_string_equal(p->id, "p");
	assert_string_equal(p->title, "A title");
	assert_string_equal(p->version, "7");
	assert_int_equal(p->params->n_fields, 2);
	assert_int_equal(p->data->n_fields, 4);
	assert_int_equal(p->n_effects, 1);
	assert_int_equal(p->n_counters, 1);
	assert_int_equal(p->counters[0].n_patterns, 2);
	assert_string_equal(p->counters[0].patterns[1], "y");
	assert_false(p->asks_time_in);
	int32_t x = apl_chart_event(p->chart, "x", 1);
	assert_non_null(p->events[x]);
	int32_t error = apl_chart_event(p->chart, "error.execution", 15);
	assert_true(error < 0 || p->events[error] == NULL);
	book_close(&b);
}

static void business_spans_are_noted_where_they_stand_and_kept_as_written(void **state) {
	(void)state;
	static const char source[] = "return playbook 'p' {\n"
	                             "params = { answer_in = span { default = '15 business minutes',\n max = '2 business days' } },\n"
	                             "data = { wait = span { min = '1 business hour' } },\n"
	                             "event 'x' {}, counter 'c' { of = 'x', window = '3 business days' },\n"
	                             "state 's' {\n"
	                             "entry(function(case) case:send { event = 'x', after = '1 business minute' } end),\n"
	                             "after '1 business hour' { to = 's' }, after(from 'params.answer_in') { to = 't' } },\n"
	                             "state 't' {} }";
	assert_string_equal(findings_of(source),
	    "2 (note) business-clock-time: params.answer_in: \"15 business minutes\" counts as 15m of clock time: no calendar is asked yet\n"
	    "3 (note) business-clock-time: params.answer_in: \"2 business days\" counts as 2d of clock time: no calendar is asked yet\n"
	    "4 (note) business-clock-time: data.wait: \"1 business hour\" counts as 1h of clock time: no calendar is asked yet\n"
	    "5 (note) business-clock-time: counter \"c\": window: \"3 business days\" counts as 3d of clock time: no calendar is asked yet\n"
	    "8 (note) business-clock-time: after \"1 business hour\": \"1 business hour\" counts as 1h of clock time: no calendar is asked "
	    "yet\n");
	book b = {0};
	book_open(&b, source, NULL);
	assert_int_equal(b.program->counters[0].window, 3 * 24 * INT64_C(3600000000));
	assert_int_equal(b.program->counters[0].window_unit, APL_SPAN_BUSINESS_DAYS);
	say(&b, "x", NULL);
	const char *lines = apl_buf_terminate(&b.lines);
	assert_text_has(lines, "\"params\":{\"answer_in\":\"15 business minutes\"}");
	assert_text_has(lines, "\"due\":\"2026-01-01T00:15:00Z\"");
	assert_text_has(lines, "\"due\":\"2026-01-01T01:00:00Z\"");
	assert_text_has(lines, "\"due\":\"2026-01-01T00:01:00Z\"");
	book_close(&b);
}

static void a_calendar_is_kept_as_canonical_json(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { calendar 'support' { zone = 'Europe/London', week = { ['thu-fri'] = '09:00-12:30 13:30-17:30',\n"
	    "sat = '10:00-14:00' }, holidays = { '2026-12-26', '2026-12-25' } }, state 's' {} }",
	    NULL);
	assert_int_equal(b.program->n_calendars, 1);
	assert_string_equal(b.program->calendars[0].name, "support");
	assert_string_equal(b.program->calendars[0].json,
	    "{\"holidays\":[\"2026-12-25\",\"2026-12-26\"],\"week\":{\"fri\":[[\"09:00\",\"12:30\"],[\"13:30\",\"17:30\"]],"
	    "\"sat\":[[\"10:00\",\"14:00\"]],\"thu\":[[\"09:00\",\"12:30\"],[\"13:30\",\"17:30\"]]},\"zone\":\"Europe/London\"}");
	book_close(&b);
}

static void a_file_that_is_too_long_is_refused(void **state) {
	(void)state;
	enum { SIZE = 1024 * 1024 };
	static char source[SIZE + 2];
	memset(source, ' ', SIZE + 1);
	memcpy(source, "return playbook 'p' { state 's' {} }", 36);
	assert_string_equal(
	    findings_of(source), "1 limit-source: the file has 1048577 bytes, and the loader reads at most 1048576; divide it into modules\n");
	source[SIZE] = '\0';
	assert_string_equal(findings_of(source), "");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_handler_of_the_reference_chart_needs_the_hook),
	    cmocka_unit_test(the_hash_is_of_the_files_name_and_text),
	    cmocka_unit_test(first_lines_that_lua_does_not_know_are_skipped),
	    cmocka_unit_test(the_program_says_what_it_is),
	    cmocka_unit_test(a_calendar_is_kept_as_canonical_json),
	    cmocka_unit_test(business_spans_are_noted_where_they_stand_and_kept_as_written),
	    cmocka_unit_test(the_reference_chart_loads_without_a_finding),
	    cmocka_unit_test(a_case_of_the_reference_chart_counts),
	    cmocka_unit_test(a_file_that_is_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
